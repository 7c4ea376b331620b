import Glibc

/// A program that is given bytes and answers with some, within a time.
///
/// It shares the process group, the terminal and standard error: a program that asks for a PIN can do so, and
/// Control-C reaches it.
public struct ChildProgram: Sendable {
    private let words: [[UInt8]]
    private let withheld: [String]

    /// A program, searched on PATH unless it has a slash, and its arguments.
    ///
    /// - Parameters:
    ///   - words: The program first; no shell reads them.
    ///   - withheld: Variables that its environment does not have.
    public init(_ words: [[UInt8]], without withheld: [String] = []) {
        precondition(!words.isEmpty, "a program without a name")
        (self.words, self.withheld) = (words, withheld)
    }

    /// The program's name, for messages.
    public var name: String { escaped(words[0]) }

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - input: What it reads at its standard input; it need not read all of it.
    ///   - limit: The most bytes that it may answer.
    ///   - seconds: The longest that it may take; it is killed then.
    /// - Returns: What it wrote to standard output.
    /// - Throws: ``ChildError``, ``FileError``, ``Interruption``.
    public func run(input: [UInt8], limit: Int, seconds: Int) throws -> [UInt8] {
        let answer = try answer(input: input, limit: limit, seconds: seconds)
        guard answer.status == 0 else { throw ChildError.failed(name, status: answer.status) }
        return answer.output
    }

    /// The same for a program whose status is part of its answer.
    ///
    /// - Parameters:
    ///   - input: As for ``run(input:limit:seconds:)``.
    ///   - limit: As there.
    ///   - seconds: As there.
    /// - Returns: What it wrote to standard output, and its exit status.
    /// - Throws: As there, but for ``ChildError/failed(_:status:)``.
    public func answer(
        input: [UInt8], limit: Int, seconds: Int
    ) throws -> (output: [UInt8], status: Int32) {
        var question = try Pipe()
        var answer = try Pipe()
        let process = try spawn(reading: question.output, writing: answer.input)
        question.closeOutput()
        question.neverBlockWriters()
        answer.closeInput()
        let deadline = Machine.ticks + UInt64(seconds) * 1_000_000_000
        do {
            let output = try exchange(input, &question, answer, limit, deadline, seconds)
            return (output, try exitStatus(waitFor(process, deadline, seconds)))
        } catch {
            kill(process, SIGKILL)
            var status: Int32 = 0
            _ = retrying { waitpid(process, &status, 0) }
            throw error
        }
    }

    /// Writes and reads side by side, or each could wait for the other.
    private func exchange(
        _ input: [UInt8], _ question: inout Pipe, _ answer: borrowing Pipe, _ limit: Int, _ deadline: UInt64,
        _ seconds: Int
    ) throws -> [UInt8] {
        var (written, output) = (0, [UInt8]())
        if input.isEmpty { question.closeInput() }
        while true {
            try Interruption.check()
            guard Machine.ticks < deadline else { throw ChildError.timedOut(name, seconds: seconds) }
            // A negative descriptor is passed over.
            var wanted = [
                pollfd(fd: answer.output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: question.input, events: Int16(POLLOUT), revents: 0),
            ]
            guard poll(&wanted, 2, 100) > 0 else { continue }
            if wanted[1].revents != 0 {
                // A program that does not read to the end has its reasons; its answer counts.
                written = question.write(input, from: written).map { written + $0 } ?? input.count
                if written == input.count { question.closeInput() }
            }
            if wanted[0].revents != 0 {
                guard try answer.read(upTo: limit + 1 - output.count, appendingTo: &output) > 0 else {
                    return output
                }
                guard output.count <= limit else { throw ChildError.tooMuchOutput(name, limit: limit) }
            }
        }
    }

    private func waitFor(_ process: pid_t, _ deadline: UInt64, _ seconds: Int) throws -> Int32 {
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process || (ended < 0 && errno != EINTR) { return status }
            try Interruption.check()
            guard Machine.ticks < deadline else { throw ChildError.timedOut(name, seconds: seconds) }
            Machine.sleep(milliseconds: 5)
        }
    }

    private func exitStatus(_ status: Int32) throws(ChildError) -> Int32 {
        let signal = status & 0x7f
        guard signal == 0 else { throw .killed(name, signal: signal) }
        return status >> 8 & 0xff
    }

    private func spawn(reading input: Int32, writing output: Int32) throws(ChildError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        let texts = words.map(Self.text) + [nil]
        let variables = environment.map(Self.text) + [nil]
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
            for text in texts + variables { free(text) }
        }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        // What varve ignores or blocks is its own affair.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGXFSZ] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process = pid_t()
        let code = posix_spawnp(&process, texts[0] ?? strdup(""), &actions, &attributes, texts, variables)
        guard code == 0 else { throw .notStarted(name, reason: String(cString: strerror(code))) }
        return process
    }

    private var environment: [[UInt8]] {
        var kept: [[UInt8]] = []
        var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
        while let entry = next.pointee {
            let bytes = UnsafeRawBufferPointer(start: entry, count: strlen(entry)).map { $0 }
            if !withheld.contains(where: { bytes.starts(with: "\($0)=".utf8) }) { kept.append(bytes) }
            next += 1
        }
        return kept
    }

    private static func text(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
        strdup(bytes.map { CChar(bitPattern: $0) } + [0])
    }
}

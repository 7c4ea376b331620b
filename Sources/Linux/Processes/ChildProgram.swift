import Glibc

/// A program that is given bytes and answers with some, within a time.
///
/// It shares the process group, the terminal and, unless that is wanted as well, standard error: a program that asks
/// for a PIN can do so, and Control-C reaches it.
public struct ChildProgram: Sendable {
    /// How it ended and what it said.
    public struct Outcome: Sendable {
        /// What it wrote to standard output.
        public let output: [UInt8]
        /// The end of what it wrote to standard error, ``ChildProgram/errorLimit`` bytes at most.
        public let errors: [UInt8]
        /// Its exit status.
        public let status: Int32
    }

    /// How many bytes of standard error are kept.
    public static let errorLimit = 16 << 10
    /// How long a program may take to end that was asked to.
    private static let graceSeconds = 2

    private let words: [[UInt8]]
    private let withheld: [String]
    private let added: [(name: String, value: [UInt8])]

    /// A program, searched on PATH unless it has a slash, and its arguments.
    ///
    /// - Parameters:
    ///   - words: The program first; no shell reads them.
    ///   - withheld: Variables that its environment does not have.
    ///   - added: Variables that its environment has, whatever this process's has under those names.
    public init(
        _ words: [[UInt8]], without withheld: [String] = [], with added: [(name: String, value: [UInt8])] = []
    ) {
        precondition(!words.isEmpty, "a program without a name")
        (self.words, self.withheld, self.added) = (words, withheld, added)
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
        let outcome = try outcome(input, limit, seconds, takesErrors: false)
        return (outcome.output, outcome.status)
    }

    /// The same for a program whose standard error nobody but the caller shall see.
    ///
    /// - Parameters:
    ///   - input: As for ``run(input:limit:seconds:)``.
    ///   - limit: As there.
    ///   - seconds: As there.
    /// - Returns: What it wrote, and its exit status.
    /// - Throws: As ``answer(input:limit:seconds:)``.
    public func outcome(input: [UInt8], limit: Int, seconds: Int) throws -> Outcome {
        try outcome(input, limit, seconds, takesErrors: true)
    }

    private func outcome(
        _ input: [UInt8], _ limit: Int, _ seconds: Int, takesErrors: Bool
    ) throws -> Outcome {
        var question = try Pipe()
        var answer = try Pipe()
        var words = try Pipe()
        if !takesErrors {
            words.closeInput()
            words.closeOutput()
        }
        let process = try spawn(reading: question.output, writing: answer.input, words.input)
        question.closeOutput()
        question.neverBlockWriters()
        answer.closeInput()
        words.closeInput()
        let deadline = Machine.ticks + UInt64(seconds) * 1_000_000_000
        var errors: [UInt8] = []
        do {
            let output = try exchange(input, &question, answer, words, &errors, limit, deadline, seconds)
            let status = try waitFor(process, words, &errors, deadline, seconds)
            return Outcome(output: output, errors: errors, status: try exitStatus(status))
        } catch {
            Self.end(process)
            throw error
        }
    }

    /// Asks a program to end, so that it can end its own programs and take away its files, and kills it otherwise.
    private static func end(_ process: pid_t) {
        var status: Int32 = 0
        kill(process, SIGTERM)
        for _ in 0..<graceSeconds * 200 {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process || (ended < 0 && errno != EINTR) { return }
            Machine.sleep(milliseconds: 5)
        }
        kill(process, SIGKILL)
        _ = retrying { waitpid(process, &status, 0) }
    }

    /// Writes and reads side by side, or each could wait for the other.
    private func exchange(
        _ input: [UInt8], _ question: inout Pipe, _ answer: borrowing Pipe, _ words: borrowing Pipe,
        _ errors: inout [UInt8], _ limit: Int, _ deadline: UInt64, _ seconds: Int
    ) throws -> [UInt8] {
        var (written, output, hasWords) = (0, [UInt8](), words.output >= 0)
        if input.isEmpty { question.closeInput() }
        while true {
            try Interruption.check()
            guard Machine.ticks < deadline else { throw ChildError.timedOut(name, seconds: seconds) }
            // A negative descriptor is passed over.
            var wanted = [
                pollfd(fd: answer.output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: question.input, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: hasWords ? words.output : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&wanted, 3, 100) > 0 else { continue }
            if wanted[1].revents != 0 {
                // A program that does not read to the end has its reasons; its answer counts.
                written = question.write(input, from: written).map { written + $0 } ?? input.count
                if written == input.count { question.closeInput() }
            }
            if wanted[2].revents != 0 { hasWords = try Self.takeErrors(from: words, onto: &errors) }
            if wanted[0].revents != 0 {
                guard try answer.read(upTo: limit + 1 - output.count, appendingTo: &output) > 0 else {
                    return output
                }
                guard output.count <= limit else { throw ChildError.tooMuchOutput(name, limit: limit) }
            }
        }
    }

    /// Reads what is there of standard error, and keeps its end.
    ///
    /// - Returns: Whether more may come.
    private static func takeErrors(
        from words: borrowing Pipe, onto errors: inout [UInt8]
    ) throws(FileError) -> Bool {
        let count = try words.read(upTo: errorLimit, appendingTo: &errors)
        errors.removeFirst(max(errors.count - errorLimit, 0))
        return count > 0
    }

    private func waitFor(
        _ process: pid_t, _ words: borrowing Pipe, _ errors: inout [UInt8], _ deadline: UInt64, _ seconds: Int
    ) throws -> Int32 {
        var (status, hasWords): (Int32, Bool) = (0, words.output >= 0)
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            let hasEnded = ended == process || (ended < 0 && errno != EINTR)
            // Not to the end of them: what it left running may keep them open for ever.
            var wanted = pollfd(fd: hasWords ? words.output : -1, events: Int16(POLLIN), revents: 0)
            while hasWords, poll(&wanted, 1, hasEnded ? 0 : 5) > 0 {
                hasWords = try Self.takeErrors(from: words, onto: &errors)
                guard Machine.ticks < deadline else { break }
            }
            if hasEnded { return status }
            try Interruption.check()
            guard Machine.ticks < deadline else { throw ChildError.timedOut(name, seconds: seconds) }
            if !hasWords { Machine.sleep(milliseconds: 5) }
        }
    }

    private func exitStatus(_ status: Int32) throws(ChildError) -> Int32 {
        let signal = status & 0x7f
        guard signal == 0 else { throw .killed(name, signal: signal) }
        return status >> 8 & 0xff
    }

    private func spawn(
        reading input: Int32, writing output: Int32, _ errors: Int32
    ) throws(ChildError) -> pid_t {
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
        if errors >= 0 { posix_spawn_file_actions_adddup2(&actions, errors, 2) }
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
        var kept = added.map { Array("\($0.name)=".utf8) + $0.value }
        let withheld = withheld + added.map(\.name)
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

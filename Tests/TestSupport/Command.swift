import Glibc
import Linux
public import SystemPackage

/// A program that a test runs: one of varve's peers, or varve itself.
public struct Command: Sendable {
    /// How it ended and what it said.
    public struct Outcome: Sendable {
        /// The exit status; 128 and the signal's number where one killed it.
        public let status: Int32
        /// Its standard output.
        public let output: [UInt8]
        /// Its standard error, repaired where it is no UTF-8.
        public let errors: String
        /// Its standard output, repaired where it is no UTF-8.
        public var text: String { String(decoding: output, as: UTF8.self) }
        /// The output without white space at its ends.
        public var line: String { text.trimmed }
    }

    /// It could not be started, or failed where it must not.
    public struct Failure: Error, CustomStringConvertible {
        /// What happened.
        public let description: String
    }

    private let words: [[UInt8]]
    private var variables: [String: String?] = ["SWIFT_BACKTRACE": "enable=no"]
    private var input: FilePath = "/dev/null"
    private var place: FilePath?

    /// A program, searched on PATH, and its arguments.
    public init(_ words: [String]) { self.words = words.map { Array($0.utf8) } }

    /// A program and its arguments as bytes.
    public init(bytes words: [[UInt8]]) { self.words = words }

    /// A line for bash, with `pipefail`.
    public init(shell line: String) { self.init(["bash", "-o", "pipefail", "-c", line]) }

    /// The built varve.
    public static func varve(_ arguments: String...) -> Command { Command([varvePath.string] + arguments) }

    /// Where the built varve is: `VARVE`, else beside the tests.
    public static var varvePath: FilePath {
        if let path = ProcessArguments.environment["VARVE"] { return FilePath(path) }
        let start = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        var place = Machine.absolute(FilePath(start)).lexicallyNormalized()
        while place.removeLastComponent() {
            let candidate = place.appending("varve")
            if (try? File.reading(candidate)) != nil { return candidate }
        }
        return "varve"
    }

    /// The same with another variable, or without it.
    public func with(_ name: String, _ value: String?) -> Command {
        changed { $0.variables[name] = .some(value) }
    }
    /// The same with another standard input.
    public func reading(_ path: FilePath) -> Command { changed { $0.input = path } }
    /// The same in another working directory.
    public func at(_ path: FilePath) -> Command { changed { $0.place = path } }
    /// The same with further arguments.
    public func adding(_ arguments: String...) -> Command {
        var copy = Command(bytes: words + arguments.map { Array($0.utf8) })
        (copy.variables, copy.input, copy.place) = (variables, input, place)
        return copy
    }
    /// The same, run by another program: `env`, `setarch`, `strace` and such.
    public func behind(_ program: String...) -> Command {
        var copy = Command(bytes: program.map { Array($0.utf8) } + words)
        (copy.variables, copy.input, copy.place) = (variables, input, place)
        return copy
    }
    /// The same as the user nobody; tests that run as a plain user run it as they are.
    public func asPlainUser() -> Command {
        guard Machine.user.id == 0 else { return self }
        let drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"].map {
            Array($0.utf8)
        }
        var copy = Command(bytes: drop + words)
        (copy.variables, copy.input, copy.place) = (variables, input, place)
        return copy
    }

    private func changed(_ change: (inout Command) -> Void) -> Command {
        var copy = self
        change(&copy)
        return copy
    }

    /// Runs it to its end.
    public func run() throws -> Outcome {
        let output = try TemporaryOutput()
        let errors = try TemporaryOutput()
        let process = try spawn(output: output.descriptor, errors: errors.descriptor)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        return Outcome(
            status: code, output: output.content(),
            errors: String(decoding: errors.content(), as: UTF8.self))
    }

    /// Runs it, and throws what it said unless its status is 0.
    @discardableResult
    public func succeed() throws -> Outcome {
        let outcome = try run()
        guard outcome.status == 0 else {
            let said =
                "\(words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")): "
                + "status \(outcome.status)\n\(outcome.errors)\(outcome.text.prefix(2000))"
            throw Failure(description: said)
        }
        return outcome
    }

    private func spawn(output: Int32, errors: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input.string, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        var environment = ProcessArguments.environment
        for (name, value) in variables { environment[name] = value }
        let strings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        // Glibc's module has no spawn action for the working directory.
        let start = place.map { ["env", "-C", $0.string].map { Array($0.utf8) } } ?? []
        let arguments =
            (start + words).map { word in strdup(word.map { CChar(bitPattern: $0) } + [0]) } + [nil]
        defer { for text in strings + arguments { free(text) } }
        // The thread of a test blocks signals, and a program would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process = pid_t()
        let code = posix_spawnp(
            &process, arguments[0] ?? strdup(""), &actions, &attributes, arguments, strings)
        guard code == 0 else {
            throw Failure(
                description:
                    "\(String(decoding: words[0], as: UTF8.self)): \(String(cString: strerror(code)))")
        }
        return process
    }
}

/// A nameless file that a program writes to: no pipe fills up, whatever it says.
private final class TemporaryOutput {
    let descriptor: Int32

    init() throws {
        var name = Array("/tmp/varve-output-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw Command.Failure(description: "no temporary file") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(name)
    }

    deinit { close(descriptor) }

    func content() -> [UInt8] {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        // An empty array's storage is shared by all, and ThreadSanitizer sees each of them written.
        guard size > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: size) { memory, count in
            count = max(pread(descriptor, memory.baseAddress, memory.count, 0), 0)
        }
    }
}

extension String {
    /// Without white space at its ends.
    public var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r\n" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}

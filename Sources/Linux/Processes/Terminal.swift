import CLinux
import Glibc
import SystemPackage

/// The terminal that the process was started from, whatever its standard streams are.
public struct Terminal: ~Copyable {
    private let file: File

    /// Whether a person sits at standard input.
    public static var isStandardInput: Bool { isatty(0) == 1 }

    /// Opens it.
    ///
    /// - Throws: ``FileError``; `ENXIO` where the process has none.
    public init() throws(FileError) {
        let descriptor = retrying { open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError("open", "/dev/tty", .current) }
        file = File(owning: descriptor, path: "/dev/tty")
    }

    /// Asks for a line that is not shown while it is typed.
    ///
    /// The echo comes back whatever happens but a second signal of a kind, SIGKILL or SIGSTOP: signals that ask to
    /// stop are obeyed here, and the keys of those that nobody watches for are switched off meanwhile.
    ///
    /// - Parameters:
    ///   - prompt: What is asked.
    ///   - memory: Where the line goes, without its newline; what does not fit is dropped.
    /// - Returns: The number of bytes.
    /// - Throws: ``FileError``, ``Interruption``.
    public func readSecret(prompt: String, into memory: inout MutableSpan<UInt8>) throws -> Int {
        var before = termios()
        guard tcgetattr(file.descriptor, &before) == 0 else { throw FileError("read", file.path, .current) }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        silent.c_lflag |= tcflag_t(ICANON | ISIG)
        withUnsafeMutableBytes(of: &silent.c_cc) { keys in
            for key in [VQUIT, VSUSP] { keys[Int(key)] = 0 }
        }
        // The prompt comes after the echo is off: what is typed before that is flushed away.
        guard tcsetattr(file.descriptor, TCSAFLUSH, &silent) == 0 else {
            throw FileError("read", file.path, .current)
        }
        defer {
            tcsetattr(file.descriptor, TCSAFLUSH, &before)
            try? file.write(Array("\n".utf8).span)
        }
        try file.write(Array(prompt.utf8).span)
        let newline = UInt8(ascii: "\n")
        let count = try file.fill(&memory, until: newline)
        return count > 0 && memory[count - 1] == newline ? count - 1 : count
    }
}

import CLinux
import Glibc
import SystemPackage

/// The three streams that every process begins with.
public enum StandardStreams {
    /// Gives each stream that the process was started without something to stand for it.
    ///
    /// Else the next file that is opened becomes standard error, and a message lands in it.
    public static func occupy() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
            // The wrong way round: who reads there or writes there fails, as on a closed stream.
            if open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) < 0 {
                _ = open("/", O_RDONLY | O_DIRECTORY)
            }
        }
    }

    /// Writes to standard output.
    ///
    /// - Throws: ``FileError``, also for a reader that went away (`EPIPE`) or a full disk.
    public static func writeOutput(_ bytes: [UInt8]) throws(FileError) {
        try write(bytes, to: 1, "standard output")
    }

    /// What a pipe takes at once that is ready (`PIPE_BUF`).
    private static let pieceSize = 4096

    /// Writes to standard error, as well as it goes: there is nobody left to tell of a failure.
    ///
    /// Who reads it may take its time. Once a signal came (``Interruption``) nobody is waited for: what cannot be
    /// written at once is lost.
    public static func writeError(_ text: String) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count, awaitErrorReader() {
            let count = bytes.withUnsafeBytes { memory in
                Glibc.write(
                    2, memory.baseAddress?.advanced(by: written), min(memory.count - written, pieceSize))
            }
            guard count >= 0 || errno == EINTR || errno == EAGAIN else { return }
            written += max(count, 0)
        }
    }

    /// A signal interrupts the thread that it is given to, which need not be the one that writes: hence the clock.
    private static func awaitErrorReader() -> Bool {
        var wanted = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
        while true {
            let isSignalled = linux_pending_signal() != 0
            if poll(&wanted, 1, isSignalled ? 0 : 100) > 0 { return true }
            if isSignalled { return false }
        }
    }

    private static func write(_ bytes: [UInt8], to stream: Int32, _ name: String) throws(FileError) {
        let copy = fcntl(stream, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw FileError("write to", FilePath(name), .current) }
        try File(owning: copy, path: FilePath(name)).write(bytes.span)
    }

    /// Columns of the terminal that standard error goes to, or `nil` when it goes elsewhere.
    public static var terminalColumns: Int? {
        let columns = linux_terminal_columns(2)
        return columns > 0 ? Int(columns) : nil
    }
}

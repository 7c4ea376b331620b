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

    /// Writes to standard error, as well as it goes: there is nobody left to tell of a failure.
    public static func writeError(_ text: String) { try? write(Array(text.utf8), to: 2, "standard error") }

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

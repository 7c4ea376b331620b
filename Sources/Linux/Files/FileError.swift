public import SystemPackage

/// A system call on a file that failed, with the kernel's own words.
public struct FileError: Error, Equatable, CustomStringConvertible {
    /// What was being done, as a verb: `open`, `read`, `rename`.
    public let operation: String
    /// The file it was done to.
    public let path: FilePath
    /// Why it failed.
    public let errno: Errno

    /// A failure made by hand, where no single call failed.
    public init(_ operation: String, _ path: FilePath, _ errno: Errno) {
        (self.operation, self.path, self.errno) = (operation, path, errno)
    }

    /// One line, as the user reads it.
    public var description: String { "cannot \(operation) \(path.escapedDescription): \(errno)" }
}

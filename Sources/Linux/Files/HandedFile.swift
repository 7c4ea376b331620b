/// A temporary file that one thread fills, and another one gives its name.
///
/// Nobody locks: the second thread has it once the first one was joined.
public final class HandedFile: @unchecked Sendable {
    private var file: TemporaryFile?

    /// Takes the file over.
    public init(_ file: consuming TemporaryFile) { self.file = consume file }

    /// Appends bytes.
    public func write(_ bytes: Span<UInt8>) throws(FileError) { try file?.write(bytes) }

    /// Waits until it is on the disk.
    public func synchronize() throws(FileError) { try file?.synchronize() }

    /// Gives the file away, once.
    public func take() -> TemporaryFile? { file.take() }
}

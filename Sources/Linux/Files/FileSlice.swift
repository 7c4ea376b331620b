import Glibc
public import SystemPackage

/// A stretch of a file that is read: a whole blob, or a member of an archive.
///
/// It reads by offset and keeps no position, so that threads share it.
public final class FileSlice: Sendable {
    private let file: File
    private let start: Int64
    /// Bytes of the slice.
    public let size: Int64

    /// All of a regular file, as large as it is now.
    ///
    /// - Throws: ``FileError``; `EINVAL` for what is no regular file.
    public init(_ file: consuming File) throws(FileError) {
        let status = try file.status()
        guard status.kind == .regular else { throw FileError("read", file.path, .invalidArgument) }
        (start, size) = (0, status.size)
        self.file = file
    }

    /// A stretch of a file, which stays open for others.
    public init(of file: borrowing File, _ range: Range<Int64>) throws(FileError) {
        (start, size) = (range.lowerBound, range.upperBound - range.lowerBound)
        self.file = try file.duplicate()
    }

    /// The file's path, for messages.
    public var path: FilePath { file.path }

    /// Reads up to `count` bytes from an offset in the slice onto the end of `buffer`; fewer do not mean the end.
    ///
    /// - Returns: The number of bytes; 0 at the end of the slice.
    /// - Throws: ``FileError``; a file that ends before the slice does is `ENODATA`.
    public func read(
        upTo count: Int, at offset: Int64, appendingTo buffer: inout [UInt8]
    ) throws(FileError) -> Int {
        let wanted = Int(min(Int64(count), size - offset))
        guard wanted > 0 else { return 0 }
        let taken = try file.read(upTo: wanted, at: start + offset, appendingTo: &buffer)
        guard taken > 0 else { throw FileError("read", path, .noData) }
        return taken
    }

    /// Appends all of it to a file; the kernel copies where it can, and shares the blocks where the file system can.
    public func copy(to other: borrowing File) throws {
        var offset: Int64 = 0
        while offset < size {
            try Interruption.check()
            let count = try file.copy(from: start + offset, upTo: min(size - offset, 8 << 20), to: other)
            guard count > 0 else { break }
            offset += count
        }
        var buffer: [UInt8] = []
        while offset < size {
            try Interruption.check()
            buffer.removeAll(keepingCapacity: true)
            offset += Int64(try read(upTo: 256 << 10, at: offset, appendingTo: &buffer))
            try other.write(buffer.span)
        }
    }

    /// All of it, of `limit` bytes at most; more is an error (`EFBIG`).
    public func readAll(limit: Int) throws(FileError) -> [UInt8] {
        guard size <= Int64(limit) else { throw FileError("read", path, .fileTooLarge) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(size))
        while try read(upTo: limit, at: Int64(bytes.count), appendingTo: &bytes) > 0 {}
        return bytes
    }
}

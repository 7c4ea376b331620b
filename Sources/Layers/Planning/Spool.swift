public import Linux
import SystemPackage

/// Contents of files that a plan holds, one behind the other in one file without a name.
///
/// Nothing is left of it once nobody has a plan that needs it. Bytes are
/// appended by one thread at a time, and read by any.
public final class Spool: Sendable {
    /// Where a content lies.
    struct Place: Sendable, Hashable {
        let offset: Int64
        /// Bytes.
        let size: Int64
    }

    private let file: File

    /// Makes an empty one.
    ///
    /// - Parameter directory: Where there is room for the contents, such as a directory for temporary files.
    /// - Throws: `FileError`.
    public init(in directory: borrowing Directory) throws(FileError) {
        file = try directory.createNamelessFile()
    }

    /// Appends a content; its holes stay holes.
    ///
    /// - Parameters:
    ///   - size: Bytes of it; the caller knows how much may be.
    ///   - read: Gives the content to its argument, stretch by stretch in rising order.
    /// - Throws: `FileError`, `Interruption`, and what `read` throws. The spool is of no use then.
    /// - Returns: Where the content lies.
    func append(
        size: Int64, _ read: (_ write: (_ offset: Int64, Span<UInt8>) throws -> Void) throws -> Void
    ) throws -> Place {
        let start = try file.status().size
        var position: Int64 = 0
        try read { offset, bytes in
            try Interruption.check()
            if offset > position { try file.skip(offset - position) }
            try file.write(bytes)
            position = offset + Int64(bytes.count)
        }
        if position < size {
            try file.setSize(start + size)
            try file.skip(size - position)
        }
        return Place(offset: start, size: size)
    }

    /// Reads up to `count` bytes of a content onto the end of a buffer.
    func read(
        _ place: Place, from offset: Int64, upTo count: Int, appendingTo buffer: inout [UInt8]
    ) throws(FileError) -> Int {
        let wanted = Int(min(Int64(count), place.size - offset))
        guard wanted > 0 else { return 0 }
        let taken = try file.read(upTo: wanted, at: place.offset + offset, appendingTo: &buffer)
        guard taken > 0 else { throw FileError("read", file.path, .noData) }
        return taken
    }

    /// All of a content; the caller knows that it is small.
    func content(_ place: Place) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        while try read(place, from: Int64(bytes.count), upTo: 1 << 20, appendingTo: &bytes) > 0 {}
        return bytes
    }
}

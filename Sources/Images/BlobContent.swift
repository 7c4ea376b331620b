public import Linux

/// The bytes of a blob, in memory or in a file, to be read from any place.
public enum BlobContent: Sendable {
    /// In memory.
    case bytes([UInt8])
    /// In a file.
    case file(FileSlice)

    /// Appends some bytes from an offset; nothing at the end.
    ///
    /// - Throws: `FileError`.
    public func read(at offset: Int64, appendingTo piece: inout [UInt8]) throws {
        switch self {
        case .bytes(let bytes): piece += bytes[min(Int(offset), bytes.count)...]
        case .file(let slice): _ = try slice.read(upTo: 256 << 10, at: offset, appendingTo: &piece)
        }
    }
}

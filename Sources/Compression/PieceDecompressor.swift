/// What opens members or frames that stand for themselves.
public enum PieceDecompressor: ~Copyable {
    /// Libdeflate's gzip.
    case gzip(GzipDecompressor)
    /// Libzstd.
    case zstd(ZstdDecompressor)

    /// Opens one whole member or frame onto the end of `output`.
    ///
    /// - Returns: `false`, with nothing added, when it is none, or when its content is larger than `limit`.
    public borrowing func decompress(
        _ piece: Span<UInt8>, limit: Int, appendingTo output: inout [UInt8]
    ) -> Bool {
        switch self {
        case .gzip(let decompressor): decompressor.decompress(piece, limit: limit, appendingTo: &output)
        case .zstd(let decompressor): decompressor.decompress(piece, limit: limit, appendingTo: &output)
        }
    }
}

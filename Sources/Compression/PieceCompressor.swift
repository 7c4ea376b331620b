/// What makes a blob's bytes out of a stream's pieces.
public enum PieceCompressor: ~Copyable {
    /// Libdeflate's gzip.
    case gzip(GzipCompressor)
    #if ISAL
        /// Isa-l's gzip.
        case fastestGzip(FastestGzip)
    #endif
    /// Libzstd.
    case zstd(ZstdCompressor)

    /// One piece as a member or a frame: it stands for itself, whatever comes before and behind.
    public borrowing func compress(_ piece: Span<UInt8>) throws(CompressionError) -> [UInt8] {
        switch self {
        case .gzip(let compressor): try compressor.member(piece)
        #if ISAL
            case .fastestGzip(let compressor): try compressor.member(piece)
        #endif
        case .zstd(let compressor): try compressor.frame(piece)
        }
    }
}

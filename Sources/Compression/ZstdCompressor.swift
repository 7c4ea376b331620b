import CZstd

/// Makes zstd frames, one from each piece of a stream.
///
/// The bytes depend on the piece, the level and the version of libzstd. Frames
/// joined are one zstd file of the joined pieces. A frame names its content's
/// size and has no checksum: the blob's digest covers it.
///
/// Source: RFC 8878, section 3.1.1; zstd.h, ZSTD_compress2.
public struct ZstdCompressor: ~Copyable {
    private let context: OpaquePointer

    /// The levels that varve offers.
    public static let levels = 1...19

    /// Makes a compressor, for one thread at a time.
    ///
    /// - Throws: ``CompressionError`` for a level out of 1 to 19, or without memory.
    public init(level: Int) throws(CompressionError) {
        guard Self.levels.contains(level) else {
            throw CompressionError("libzstd", "no level \(level); varve offers 1 to 19")
        }
        guard let context = ZSTD_createCCtx() else { throw CompressionError("libzstd", "out of memory") }
        let code = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        guard ZSTD_isError(code) == 0 else {
            ZSTD_freeCCtx(context)
            throw CompressionError("libzstd", String(cString: ZSTD_getErrorName(code)))
        }
        self.context = context
    }

    deinit { ZSTD_freeCCtx(context) }

    /// One frame.
    public func frame(_ piece: Span<UInt8>) throws(CompressionError) -> [UInt8] {
        var code = 0
        let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(piece.count)) { memory, count in
            code = piece.withUnsafeBytes {
                ZSTD_compress2(context, memory.baseAddress, memory.count, $0.baseAddress, $0.count)
            }
            count = ZSTD_isError(code) == 0 ? code : 0
        }
        guard ZSTD_isError(code) == 0 else {
            throw CompressionError("libzstd", String(cString: ZSTD_getErrorName(code)))
        }
        return frame
    }

    /// The version of libzstd, as it says itself.
    public static var libraryVersion: String { String(cString: ZSTD_versionString()) }
}

import CDeflate

/// Makes gzip members with libdeflate, one from each piece of a stream.
///
/// The bytes depend on the piece, the level and the version of libdeflate, not
/// on the processor. Members joined are one gzip file of the joined pieces.
///
/// Source: RFC 1952, section 2.2; libdeflate.h.
public struct GzipCompressor: ~Copyable {
    private let compressor: OpaquePointer

    /// The levels of libdeflate that compress.
    public static let levels = 1...12

    /// Makes a compressor, for one thread at a time.
    ///
    /// - Throws: ``CompressionError`` for a level out of 1 to 12, or without memory.
    public init(level: Int) throws(CompressionError) {
        guard Self.levels.contains(level) else {
            throw CompressionError("libdeflate", "no level \(level); it has 1 to 12")
        }
        guard let compressor = libdeflate_alloc_compressor(Int32(level)) else {
            throw CompressionError("libdeflate", "out of memory")
        }
        self.compressor = compressor
    }

    deinit { libdeflate_free_compressor(compressor) }

    /// One gzip member; its header has no name, no time and operating system 255 ("unknown").
    public func member(_ piece: Span<UInt8>) throws(CompressionError) -> [UInt8] {
        let bound = libdeflate_gzip_compress_bound(compressor, piece.count)
        let member = [UInt8](unsafeUninitializedCapacity: bound) { memory, count in
            count = piece.withUnsafeBytes {
                libdeflate_gzip_compress(
                    compressor, $0.baseAddress, $0.count, memory.baseAddress, memory.count)
            }
        }
        guard !member.isEmpty else {
            throw CompressionError("libdeflate", "a member larger than its own bound")
        }
        return member
    }

    /// The version in libdeflate's header: the library cannot say its own.
    public static var headerVersion: String { LIBDEFLATE_VERSION_STRING }
}

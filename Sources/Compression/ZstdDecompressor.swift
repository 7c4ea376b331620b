import CZstd

/// Opens single zstd frames whose length and content size are known.
///
/// Source: RFC 8878; zstd.h.
public struct ZstdDecompressor: ~Copyable {
    private let context: OpaquePointer

    /// Makes a decompressor, for one thread at a time.
    public init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else {
            throw CompressionError(decompressing: "libzstd", "out of memory")
        }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// The length of the frame that begins here, skippable or not.
    ///
    /// - Returns: `nil` when it does not end within these bytes, or when no frame begins here.
    public static func length(of bytes: Span<UInt8>) -> Int? {
        guard ZstdFrameStart.isGood(bytes) else { return nil }
        let length = bytes.withUnsafeBytes { ZSTD_findFrameCompressedSize($0.baseAddress, $0.count) }
        return ZSTD_isError(length) == 0 ? length : nil
    }

    /// The bytes of content that a frame's header claims, 0 for a skippable frame.
    ///
    /// - Returns: `nil` when it does not say, or when no frame begins here.
    public static func contentSize(of frame: Span<UInt8>) -> Int? {
        let size = frame.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        // The two highest values stand for "unknown" and "no frame".
        return size < UInt64.max - 1 ? Int(clamping: size) : nil
    }

    /// Opens a frame onto the end of `output`.
    ///
    /// - Returns: `false`, with nothing added, when the bytes are not whole frames of the size that the first one
    ///   claims, or when that is larger than `limit`. Why is for ``ZstdStream`` to say.
    public func decompress(
        _ frame: Span<UInt8>, limit: Int, appendingTo output: inout [UInt8]
    ) -> Bool {
        guard let size = Self.contentSize(of: frame), size <= limit else { return false }
        var given = 0
        // Never 0: with that the standard library writes to the storage that all empty arrays share.
        output.append(addingCapacity: max(size, 1)) { span in
            span.withUnsafeMutableBufferPointer { memory, initialized in
                given = frame.withUnsafeBytes {
                    ZSTD_decompressDCtx(context, memory.baseAddress, size, $0.baseAddress, $0.count)
                }
                if given == size { initialized = size }
            }
        }
        return given == size
    }
}

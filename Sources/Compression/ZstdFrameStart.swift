import CZstd

/// The magic number that a zstd frame begins with, however its bytes are divided.
///
/// A libzstd may also read the formats from before RFC 8878, by code that nobody
/// looks after: here they are none.
///
/// Source: RFC 8878, sections 3.1.1 and 3.1.2.
struct ZstdFrameStart {
    /// Bytes that were checked, four at most.
    private var count = 0
    private var isSkippable = false

    /// Whether a frame begins with these bytes, as far as they go.
    static func isGood(_ bytes: Span<UInt8>) -> Bool {
        var start = ZstdFrameStart()
        return start.take(bytes, at: 0)
    }

    /// Checks what comes next of the magic number.
    ///
    /// - Throws: ``CompressionError`` in libzstd's own words.
    mutating func check(_ input: Span<UInt8>, at position: Int) throws(CompressionError) {
        guard take(input, at: position) else {
            let words = String(cString: ZSTD_getErrorString(ZSTD_error_prefix_unknown))
            throw CompressionError(decompressing: "libzstd", words)
        }
    }

    private mutating func take(_ input: Span<UInt8>, at position: Int) -> Bool {
        var place = position
        while count < 4, place < input.count {
            let byte = input[place]
            if count == 0 { isSkippable = byte & 0xF0 == 0x50 }
            let isGood =
                isSkippable
                ? count == 0 || byte == Self.skippable[count - 1] : byte == Self.frame[count]
            guard isGood else { return false }
            count += 1
            place += 1
        }
        return true
    }

    private static let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    private static let skippable: [UInt8] = [0x2A, 0x4D, 0x18]
}

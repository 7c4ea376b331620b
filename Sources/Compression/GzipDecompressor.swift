import CDeflate

/// Opens single gzip members with libdeflate, the quickest way where a member's beginning and end are known.
///
/// Source: RFC 1952; libdeflate.h.
public struct GzipDecompressor: ~Copyable {
    private let decompressor: OpaquePointer

    /// Makes a decompressor, for one thread at a time.
    public init() throws(CompressionError) {
        guard let decompressor = libdeflate_alloc_decompressor() else {
            throw CompressionError(decompressing: "libdeflate", "out of memory")
        }
        self.decompressor = decompressor
    }

    deinit { libdeflate_free_decompressor(decompressor) }

    /// The bytes of content that a member's last four bytes claim, modulo 2^32; 0 for less than four bytes.
    public static func contentSize(of member: Span<UInt8>) -> Int {
        guard member.count >= 4 else { return 0 }
        return (member.count - 4..<member.count).reversed().reduce(0) { $0 << 8 | Int(member[$1]) }
    }

    /// Opens a member onto the end of `output`.
    ///
    /// - Returns: `false`, with nothing added, when the bytes are not exactly one whole member, or when its content
    ///   is larger than `limit`. Why is for ``GzipStream`` to say.
    public func decompress(
        _ member: Span<UInt8>, limit: Int, appendingTo output: inout [UInt8]
    ) -> Bool {
        let size = Self.contentSize(of: member)
        guard size <= limit else { return false }
        var taken = 0
        var code = LIBDEFLATE_BAD_DATA
        // Never 0: with that the standard library writes to the storage that all empty arrays share.
        output.append(addingCapacity: max(size, 1)) { span in
            span.withUnsafeMutableBufferPointer { memory, initialized in
                code = member.withUnsafeBytes {
                    libdeflate_gzip_decompress_ex(
                        decompressor, $0.baseAddress, $0.count, memory.baseAddress, size, &taken, nil)
                }
                if code == LIBDEFLATE_SUCCESS, taken == member.count { initialized = size }
            }
        }
        return code == LIBDEFLATE_SUCCESS && taken == member.count
    }
}

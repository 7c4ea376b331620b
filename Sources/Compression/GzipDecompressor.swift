import CZlib

/// Inflates gzip files, all their members, with zlib.
///
/// Source: RFC 1952; zlib.h, inflateInit2.
public enum GzipDecompressor {
    /// Inflates a whole file in memory, to `limit` bytes at most.
    ///
    /// A damaged or truncated file, more bytes than the limit, and bytes behind the last member that begin no other
    /// are a ``CompressionError`` with zlib's words.
    public static func inflate(_ file: Span<UInt8>, limit: Int) throws(CompressionError) -> [UInt8] {
        var stream = z_stream()
        guard zlib_begin_gunzip(&stream) == Z_OK else { throw CompressionError("zlib", "out of memory") }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var code = Z_OK
        file.withUnsafeBytes { input in
            stream.next_in = UnsafeMutablePointer(
                mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
            stream.avail_in = UInt32(clamping: input.count)
            while code == Z_OK, output.count <= limit {
                output.append(addingCapacity: 1 << 16) { span in
                    span.withUnsafeMutableBufferPointer { memory, initialized in
                        stream.next_out = memory.baseAddress
                        stream.avail_out = UInt32(memory.count)
                        code = zlib_inflate(&stream)
                        initialized = memory.count - Int(stream.avail_out)
                    }
                }
                // A member ended and another begins.
                if code == Z_STREAM_END, stream.avail_in > 0 { code = inflateReset(&stream) }
            }
        }
        guard output.count <= limit else {
            throw CompressionError("zlib", "more than \(limit) bytes come out")
        }
        guard code == Z_STREAM_END else {
            let words = stream.msg.map { String(cString: $0) }
            throw CompressionError("zlib", words ?? "the file ends within a member")
        }
        return output
    }

    /// The version of zlib, as it says itself.
    public static var libraryVersion: String { String(cString: zlibVersion()) }
}

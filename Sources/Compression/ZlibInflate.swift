import CZlib

/// Zlib's inflate on bare deflate streams.
///
/// Source: zlib.h, inflate.
struct ZlibInflate: ~Copyable {
    /// On the heap: zlib refuses a stream that moved.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() throws(CompressionError) {
        stream.initialize(to: z_stream())
        guard zlib_begin_inflate(stream) == Z_OK else {
            throw CompressionError(decompressing: "zlib", "out of memory")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func begin() throws(CompressionError) {
        guard inflateReset(stream) == Z_OK else {
            throw CompressionError(decompressing: "zlib", "the stream cannot be begun anew")
        }
    }

    func inflate(
        _ input: Span<UInt8>, from position: inout Int, appendingTo output: inout [UInt8], room: Int
    ) throws(CompressionError) -> DeflateRemainder? {
        var code = Z_OK
        var taken = 0
        let rest = input.extracting(position..<input.count)
        rest.withUnsafeBytes { source in
            let count = UInt32(clamping: source.count)
            output.append(addingCapacity: room) { span in
                span.withUnsafeMutableBufferPointer { memory, initialized in
                    stream.pointee.next_in = UnsafeMutablePointer(
                        mutating: source.assumingMemoryBound(to: UInt8.self).baseAddress)
                    stream.pointee.avail_in = count
                    stream.pointee.next_out = memory.baseAddress
                    stream.pointee.avail_out = UInt32(room)
                    code = zlib_inflate(stream)
                    taken = Int(count - stream.pointee.avail_in)
                    initialized = room - Int(stream.pointee.avail_out)
                }
            }
        }
        position += taken
        switch code {
        case Z_STREAM_END: return DeflateRemainder()
        // Nothing to take and nothing to give: more input must come.
        case Z_OK, Z_BUF_ERROR: return nil
        default:
            let words = stream.pointee.msg.map { String(cString: $0) }
            throw CompressionError(decompressing: "zlib", words ?? "inflate returned \(code)")
        }
    }

    /// The version of zlib, as it says itself.
    static var libraryVersion: String { String(cString: zlibVersion()) }
}

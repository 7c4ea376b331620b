import Compression

/// The first byte is the length of a stretch, the rest a zstd file: however it is divided, the same comes out.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzZstd(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    let file = Array(bytes.dropFirst())
    guard let whole = open(file, by: file.count), let parts = open(file, by: Int(first) + 1) else { return 0 }
    // Libzstd takes a compressed block of no bytes in some stretches only: what both take must be one content.
    if let one = whole.output, let other = parts.output, one != other {
        fatalError("the stretches' length matters")
    }
    var output: [UInt8] = []
    if let length = ZstdDecompressor.length(of: file.span), let frame = try? ZstdDecompressor(),
        frame.decompress(file.span.extracting(0..<length), limit: limit, appendingTo: &output),
        length == file.count
    {
        guard whole.output == nil || whole.output == output else {
            fatalError("a frame alone and in a stream are two")
        }
    }
    return 0
}

private let limit = 4 << 20

/// What came out; nothing of what is no zstd, or too much.
private struct Opened {
    var output: [UInt8]?
}

/// `nil` for too large a window: libzstd does not look at it where a whole frame lies before it.
private func open(_ file: [UInt8], by length: Int) -> Opened? {
    do throws(CompressionError) {
        var stream = try ZstdStream(windowLog: 23)
        var output: [UInt8] = []
        for start in stride(from: 0, to: file.count, by: max(length, 1)) {
            let stretch = Array(file[start..<min(start + length, file.count)])
            var position = 0
            while true {
                let piece = try stream.decompress(stretch.span, from: &position)
                if piece.isEmpty { break }
                output += piece
                if output.count > limit { return Opened() }
            }
        }
        try stream.finish()
        return Opened(output: output)
    } catch {
        return error == ZstdStream.windowError(limit: 23) ? nil : Opened()
    }
}

@testable import Compression

/// The first byte is the length of a stretch, the rest a gzip file: however it is divided, and whichever library
/// opens it, the same comes out.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGzip(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    let file = Array(bytes.dropFirst())
    let whole = open(file, by: file.count) { () throws(CompressionError) in .zlib(try ZlibInflate()) }
    let parts = open(file, by: Int(first) + 1) { () throws(CompressionError) in .zlib(try ZlibInflate()) }
    agree(whole, parts)
    #if ISAL
        agree(whole, open(file, by: Int(first) + 1) { () throws(CompressionError) in .isal(ISALInflate()) })
    #endif
    // Libdeflate also takes wrong checksums of headers, and some codes that deflate does not have.
    guard whole.isGood else { return 0 }
    var output: [UInt8] = []
    if let member = try? GzipDecompressor(), member.decompress(file.span, limit: limit, appendingTo: &output)
    {
        guard whole.output == output else { fatalError("libdeflate gives other bytes") }
    }
    return 0
}

private let limit = 4 << 20

/// What came out, to the end or to what is wrong.
private struct Opened {
    var output: [UInt8] = []
    var isGood = false
}

private func open(
    _ file: [UInt8], by length: Int, _ decoder: () throws(CompressionError) -> DeflateDecoder
) -> Opened {
    var opened = Opened()
    do throws(CompressionError) {
        var stream = try GzipStream(decoder())
        for start in stride(from: 0, to: file.count, by: max(length, 1)) {
            let stretch = Array(file[start..<min(start + length, file.count)])
            var position = 0
            while true {
                let piece = try stream.decompress(stretch.span, from: &position)
                if piece.isEmpty { break }
                opened.output += piece
                if opened.output.count > limit { return opened }
            }
        }
        try stream.finish()
        opened.isGood = true
    } catch {
        precondition(!error.description.isEmpty)
    }
    return opened
}

private func agree(_ one: Opened, _ other: Opened) {
    guard one.isGood == other.isGood else { fatalError("one refuses what the other takes") }
    let isSame = one.output.count == other.output.count || !one.isGood
    guard isSame, zip(one.output, other.output).allSatisfy(==) else {
        fatalError("different bytes come out")
    }
}

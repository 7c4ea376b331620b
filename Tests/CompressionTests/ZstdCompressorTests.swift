import Compression
import Linux
import SystemPackage
import TestSupport
import Testing

struct ZstdCompressorTests {
    private func inflate(_ file: [UInt8]) throws -> [UInt8] {
        try Requirement.program("zstd")
        let scratch = try Scratch()
        try Directory.writeFile(at: scratch["file.zst"], file)
        try Command(["zstd", "-tq", scratch["file.zst"].string]).succeed()
        return try Command(["zstd", "-dcq", scratch["file.zst"].string]).succeed().output
    }

    @Test(arguments: [1, 3, 9, 19])
    func `frames joined are one zstd file`(level: Int) throws {
        let compressor = try ZstdCompressor(level: level)
        let frames = try compressor.frames(Samples.all.map(\.bytes))
        #expect(try inflate(frames) == Samples.all.flatMap(\.bytes))
    }

    @Test(arguments: ZstdCompressor.levels)
    func `every level gives back what went in`(level: Int) throws {
        let frame = try ZstdCompressor(level: level).frame(Array(Samples.text.prefix(20_000)))
        #expect(try inflate(frame) == Array(Samples.text.prefix(20_000)))
    }

    @Test func `a frame names its content's size and has no checksum`() throws {
        let frame = try ZstdCompressor(level: 3).frame(Samples.text)
        #expect(Array(frame.prefix(4)) == [0x28, 0xB5, 0x2F, 0xFD])
        // RFC 8878, section 3.1.1.1.1: single segment or a content size, and the checksum flag unset.
        #expect(frame[4] & 0b1110_0000 != 0)
        #expect(frame[4] & 0b0000_0100 == 0)
    }

    @Test func `the same piece gives the same bytes, whatever came before`() throws {
        let first = try ZstdCompressor(level: 3).frame(Samples.text)
        let compressor = try ZstdCompressor(level: 3)
        _ = try compressor.frame(Samples.noise)
        _ = try compressor.frame([UInt8]())
        #expect(try compressor.frame(Samples.text) == first)
    }

    @Test(arguments: [0, 20, 22, -5, .max])
    func `a level that varve does not offer is refused`(level: Int) {
        let error = #expect(throws: CompressionError.self) { _ = try ZstdCompressor(level: level) }
        #expect(error?.reason == "no level \(level); varve offers 1 to 19")
    }
}

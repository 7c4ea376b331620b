import TestSupport
import Testing

@testable import Compression

/// Opens a file that comes in stretches of so many bytes.
private func opened<Stream: DecompressionStream & ~Copyable>(
    _ made: consuming Stream, _ file: [UInt8], by size: Int
) throws -> [[UInt8]] {
    var stream = made
    var pieces: [[UInt8]] = []
    for start in stride(from: 0, to: file.count, by: size) {
        let stretch = Array(file[start..<min(start + size, file.count)])
        var position = 0
        while true {
            let piece = try stream.decompress(stretch.span, from: &position)
            if piece.isEmpty { break }
            pieces.append(piece)
        }
        #expect(position == stretch.count)
    }
    try stream.finish()
    return pieces
}

/// Both decoders of deflate streams, in a build that has both.
enum Decoder: String, CaseIterable {
    case zlib
    #if ISAL
        case isal
    #endif

    func stream() throws -> GzipStream {
        switch self {
        case .zlib: try GzipStream(.zlib(ZlibInflate()))
        #if ISAL
            case .isal: try GzipStream(.isal(ISALInflate()))
        #endif
        }
    }
}

struct DecompressionStreamTests {
    @Test(arguments: Decoder.allCases, [1, 2, 7, 8, 9, 100, 4093, 65536, 1 << 20, 1 << 24])
    func `a gzip file opens however it is divided`(decoder: Decoder, size: Int) throws {
        // Byte by byte the large samples would take long.
        let samples = Samples.all.map { size < 100 ? Array($0.bytes.prefix(9000)) : $0.bytes }
        let file = try GzipCompressor(level: 6).members(samples)
        let pieces = try opened(decoder.stream(), file, by: size)
        #expect(pieces.allSatisfy { $0.count <= 1 << 20 })
        #expect(Array(pieces.joined()) == samples.flatMap { $0 })
    }

    @Test(arguments: [1, 2, 7, 100, 4093, 65536, 1 << 24])
    func `a zstd file opens however it is divided`(size: Int) throws {
        let samples = Samples.all.map { size < 100 ? Array($0.bytes.prefix(9000)) : $0.bytes }
        let compressor = try ZstdCompressor(level: 3)
        let skippable: [UInt8] = [0x5F, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let file = try skippable + compressor.frames(samples) + skippable
        let pieces = try opened(ZstdStream(), file, by: size)
        #expect(pieces.allSatisfy { $0.count <= 1 << 20 })
        #expect(Array(pieces.joined()) == samples.flatMap { $0 })
    }

    @Test(arguments: Decoder.allCases)
    func `a stream knows where it stands`(decoder: Decoder) throws {
        let member = try GzipCompressor(level: 1).member(Samples.text)
        var stream = try decoder.stream()
        var isAtEnd = stream.isAtEnd
        #expect(isAtEnd)
        for (number, byte) in (member + member).enumerated() {
            var position = 0
            _ = try stream.decompress([byte].span, from: &position)
            isAtEnd = stream.isAtEnd
            #expect(isAtEnd == ((number + 1) % member.count == 0))
        }
    }

    @Test(arguments: Decoder.allCases, 0..<32)
    func `every field of a header may stand in it`(decoder: Decoder, flags: UInt8) throws {
        let plain = try GzipCompressor(level: 1).member(Array("content".utf8))
        var header = Array(plain.prefix(10))
        header[3] = flags
        if flags & 4 != 0 { header += [3, 0, 0, 1, 2] }
        if flags & 8 != 0 { header += Array("name".utf8) + [0] }
        if flags & 16 != 0 { header += [0] }
        let checksum = try trailer(of: header).prefix(2)
        let sound = header + (flags & 2 != 0 ? Array(checksum) : []) + plain.dropFirst(10)
        #expect(try Array(opened(decoder.stream(), sound, by: 1).joined()) == Array("content".utf8))
        guard flags & 2 != 0 else { return }
        let wrong = header + [checksum[0] ^ 1, checksum[1]] + plain.dropFirst(10)
        let error = #expect(throws: CompressionError.self) { try opened(decoder.stream(), wrong, by: 100) }
        #expect(error?.reason == "the header's checksum is wrong")
    }

    /// A member's trailer begins with the CRC-32 of its content.
    private func trailer(of content: [UInt8]) throws -> [UInt8] {
        Array(try GzipCompressor(level: 1).member(content).suffix(8))
    }

    @Test(
        arguments: Decoder.allCases,
        [
            (0, 1, "no member begins here: the magic number is wrong"),
            (1, 0xFF, "no member begins here: the magic number is wrong"),
            (2, 1, "method 9 is not deflate"), (3, 0x20, "reserved flags are set"),
            (3, 0x80, "reserved flags are set"), (-8, 1, "a member's checksum is wrong"),
            (-5, 0x80, "a member's checksum is wrong"), (-4, 1, "a member's length is wrong"),
            (-1, 0x80, "a member's length is wrong"),
        ] as [(Int, UInt8, String)])
    func `what is checked has its own words`(
        decoder: Decoder, damage: (place: Int, bits: UInt8, reason: String)
    )
        throws
    {
        var member = try GzipCompressor(level: 1).member(Samples.text)
        member[damage.place < 0 ? member.count + damage.place : damage.place] ^= damage.bits
        let error = #expect(throws: CompressionError.self) { try opened(decoder.stream(), member, by: 1000) }
        #expect(error?.description == "cannot decompress: gzip: \(damage.reason)")
    }

    @Test(arguments: Decoder.allCases)
    func `damaged content is refused, or is none`(decoder: Decoder) throws {
        let text = Array(Samples.text.prefix(600))
        let member = try GzipCompressor(level: 9).member(text)
        for place in 10..<member.count - 8 {
            for bit in 0..<8 {
                var damaged = member
                damaged[place] ^= 1 << bit
                let found = try? Array(opened(decoder.stream(), damaged, by: 64).joined())
                // The last block's padding means nothing.
                #expect(found == nil || found == text, "bit \(bit) of byte \(place)")
            }
        }
    }

    @Test(arguments: [9, 32, -1, .max]) func `a window that libzstd does not know is refused`(log: Int) {
        #expect(throws: CompressionError.self) { _ = try ZstdStream(windowLog: log) }
    }

    @Test func `an empty file is none`() {
        #expect(throws: CompressionError.self) { try opened(ZstdStream(), [], by: 1) }
        #expect(throws: CompressionError.self) { try opened(GzipStream(), [], by: 1) }
    }

    @Test func `one member or frame opens only as a whole, alone, and within the limit`() throws {
        for (name, bytes) in Samples.all {
            let member = try GzipCompressor(level: 3).member(bytes)
            let frame = try ZstdCompressor(level: 3).frame(bytes)
            let gzip = PieceDecompressor.gzip(try GzipDecompressor())
            let zstd = PieceDecompressor.zstd(try ZstdDecompressor())
            #expect(ZstdDecompressor.length(of: (frame + member).span) == frame.count)
            #expect(ZstdDecompressor.length(of: frame.dropLast().asArray.span) == nil)
            #expect(ZstdDecompressor.contentSize(of: frame.span) == bytes.count)
            #expect(GzipDecompressor.contentSize(of: member.span) == bytes.count)
            var output: [UInt8] = [1, 2, 3]
            for wrong in [
                [], Array(member.dropLast()), member + [0], member + member, Array(member.dropFirst()),
            ] {
                #expect(!gzip.decompress(wrong.span, limit: 1 << 22, appendingTo: &output), "\(name)")
            }
            for wrong in [[], Array(frame.dropLast()), frame + [0], Array(frame.dropFirst())] {
                #expect(!zstd.decompress(wrong.span, limit: 1 << 22, appendingTo: &output), "\(name)")
            }
            if !bytes.isEmpty {
                #expect(!gzip.decompress(member.span, limit: bytes.count - 1, appendingTo: &output))
                #expect(!zstd.decompress(frame.span, limit: bytes.count - 1, appendingTo: &output))
            }
            #expect(output == [1, 2, 3])
            #expect(gzip.decompress(member.span, limit: bytes.count, appendingTo: &output))
            #expect(zstd.decompress(frame.span, limit: bytes.count, appendingTo: &output))
            #expect(output == [1, 2, 3] + bytes + bytes)
        }
    }
}

extension ArraySlice {
    fileprivate var asArray: [Element] { Array(self) }
}

struct ZstdFormatTests {
    /// Blocks as zstd 0.6 and 0.7 wrote them; libzstd may still read them.
    private static let before: [[UInt8]] = [
        [0x26, 0xB5, 0x2F, 0xFD, 0x80, 0, 8, 0xE0, 9, 0], [0x27, 0xB5, 0x2F, 0xFD, 0, 0, 0xC0, 0, 0],
    ]

    @Test("a format from before RFC 8878 is no zstd, however it is divided", arguments: before, [1, 3, 100])
    func old(frame: [UInt8], size: Int) throws {
        let error = #expect(throws: CompressionError.self) {
            try opened(try ZstdStream(), frame, by: size)
        }
        #expect(error?.reason == "Unknown frame descriptor")
        #expect(ZstdDecompressor.length(of: frame.span) == nil)
    }

    @Test("every number of a skippable frame is known", arguments: [1, 3, 100])
    func skippable(size: Int) throws {
        for number in UInt8(0x50)...0x5F {
            let file: [UInt8] = [
                number, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 7, 0x28, 0xB5, 0x2F, 0xFD, 0, 0, 1, 0, 0,
            ]
            #expect(try opened(try ZstdStream(), file, by: size) == [])
        }
    }
}

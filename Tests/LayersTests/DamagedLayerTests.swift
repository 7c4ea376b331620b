import Compression
import Layers
import OCI
import TestSupport
import Testing

/// Layers whose bytes are wrong, with descriptors that are right: the decompressors must see it.
@Suite(.timeLimit(.minutes(30)))
struct DamagedLayerTests {
    private static let pieces = [
        Sample.text(5000), Sample.noise(70_000), Sample.text(3000), Sample.noise(66_000, seed: 5),
    ]

    private static let methods: [CompressionMethod] = [.gzip(.level(2)), .zstd(3)]

    private static func type(_ method: CompressionMethod) -> MediaType {
        method.name == "gzip" ? .layerTarGzip : .layerTarZstd
    }

    /// Where the blob of the parts may end and still be whole.
    private static func ends(_ parts: [[UInt8]]) -> [Int: Int] {
        var ends: [Int: Int] = [:]
        var (stored, content) = (0, 0)
        for (part, piece) in zip(parts, pieces) {
            stored += part.count
            content += piece.count
            ends[stored] = content
        }
        return ends
    }

    @Test(arguments: methods, [true, false])
    func `a layer that is cut off is an error at every 512th byte`(method: CompressionMethod, isOne: Bool)
        throws
    {
        let content = Self.pieces.flatMap { $0 }
        let parts = try compressed(isOne ? [content] : Self.pieces, method)
        let blob = parts.flatMap { $0 }
        let ends = isOne ? [blob.count: content.count] : Self.ends(parts)
        let store = try BlobStore()
        for length in Array(stride(from: 0, to: blob.count, by: 512)) + Array(ends.keys) {
            let found = try? store.read(Array(blob.prefix(length)), as: Self.type(method))
            #expect(found?.bytes == ends[length].map { Array(content.prefix($0)) }, "\(length) bytes")
        }
    }

    @Test func `a bit that flips in a member's header or trailer is seen or means nothing`() throws {
        let content = Self.pieces.flatMap { $0 }
        let members = try compressed(Self.pieces, .gzip(.level(2)))
        let store = try BlobStore()
        for number in members.indices {
            let count = members[number].count
            for place in Array(0..<10) + Array(count - 8..<count) {
                for bit in 0..<8 {
                    var damaged = members
                    damaged[number][place] ^= 1 << bit
                    let found = try? store.read(damaged.flatMap { $0 })
                    // "Probably text", time, extra flags and system mean nothing.
                    let isFree = 4..<10 ~= place || (place == 3 && bit == 0)
                    #expect(
                        found?.bytes == (isFree ? content : nil),
                        "member \(number), bit \(bit) of byte \(place)")
                }
            }
        }
    }

    @Test(arguments: methods)
    func `bytes that change within a member or frame never give another layer`(method: CompressionMethod)
        throws
    {
        let content = Self.pieces.flatMap { $0 }
        let blob = try compressed(Self.pieces, method).flatMap { $0 }
        let store = try BlobStore()
        for place in stride(from: 3, to: blob.count, by: 1999) {
            var damaged = blob
            damaged[place] ^= 0x55
            #expect(throws: (any Error).self, "byte \(place)") {
                let type = Self.type(method)
                _ = try store.read(damaged, as: type, diffID: digest(of: content))
            }
        }
    }

    @Test(
        arguments: methods,
        [
            [0], [0, 0, 0, 0], Array("garbage that is long enough for anything".utf8), [0x1F],
            [0x1F, 0x8B], [0x28, 0xB5, 0x2F], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255],
            [UInt8](repeating: 0, count: 100_000),
        ] as [[UInt8]])
    func `what follows the last member or frame and is none is an error`(
        method: CompressionMethod, tail: [UInt8]
    ) throws {
        let blob = try compressed(Self.pieces, method).flatMap { $0 } + tail
        #expect(throws: CompressionError.self) { try BlobStore().read(blob, as: Self.type(method)) }
    }
}

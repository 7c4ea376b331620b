import Compression
import OCI
import Testing

@testable import Layers

/// Layers that hold gzip files, whose members' beginnings look like the layer's own.
@Suite(.timeLimit(.minutes(30)))
struct FalseBoundaryTests {
    private let inner: [[UInt8]]
    private let content: [UInt8]

    init() throws {
        inner = try compressed(
            [Sample.noise(66_000), Sample.text(4000), [], Sample.noise(130_000, seed: 4), [7]],
            .gzip(.level(2)))
        content = inner.flatMap { $0 }
    }

    @Test(arguments: [1, 4])
    func `a member with gzip files in it is read at whatever place it is divided`(jobs: Int) throws {
        var places = Array(stride(from: 0, through: content.count, by: 4001))
        var end = 0
        for member in inner {
            places += (max(0, end - 12)..<(end + 12))
            end += member.count
        }
        let store = try BlobStore()
        for place in places {
            let blob =
                try storedMember(Array(content.prefix(place))) + storedMember(Array(content.dropFirst(place)))
            #expect(try store.read(blob, jobs: jobs).bytes == content, "divided at \(place)")
        }
    }

    @Test(arguments: [1, 4])
    func `reading side by side goes on behind a false boundary`(jobs: Int) throws {
        let pieces = [Sample.text(5000), content, content, Sample.text(9000), Sample.noise(100_000)]
        var blob: [UInt8] = []
        for piece in pieces { blob += try storedMember(piece) }
        blob += try compressed(pieces, .gzip(.level(1))).flatMap { $0 }
        let whole = pieces.flatMap { $0 }
        #expect(try BlobStore().read(blob, jobs: jobs).bytes == whole + whole)
    }

    @Test func `headers alone, without end, are content like any other`() throws {
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        for gap in [0, 1, 9, 10, 11, 30] {
            let block = header + [UInt8](repeating: 0, count: gap)
            let headers = [[UInt8]](repeating: block, count: 300_000 / block.count).flatMap { $0 }
            let blob = try storedMember(headers)
            #expect(try BlobStore().read(blob).bytes == headers, "gaps of \(gap) bytes")
        }
    }

    @Test func `a member that ends in another's trailer is no end`() throws {
        // The bytes before the inner header claim a content, and a member could end there.
        let claim = try compressed([Sample.noise(80_000)], .gzip(.level(1)))[0]
        let blob = try storedMember(Array(claim.suffix(40_000)) + claim + claim)
        let found = try BlobStore().read(blob).bytes
        #expect(found == Array(claim.suffix(40_000)) + claim + claim)
    }
}

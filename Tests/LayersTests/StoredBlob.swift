import Compression
import Cryptography
import Layers
import Linux
import OCI
import SystemPackage
import TestSupport

/// A place where blobs are stored one after another, to be read as layers.
final class BlobStore {
    private let scratch: Scratch
    private let directory: Directory

    init() throws {
        scratch = try Scratch()
        directory = try Directory.open(scratch.path)
    }

    /// What came of a blob.
    struct Content {
        let bytes: [UInt8]
        let diffID: Digest
    }

    /// Stores a blob and reads it as a layer whose descriptor is right.
    func read(
        _ blob: [UInt8], as type: MediaType = .layerTarGzip, diffID: Digest? = nil, jobs: Int = 2,
        _ limits: UnpackLimits = UnpackLimits()
    ) throws -> Content {
        let slice = try store(blob)
        let descriptor = Descriptor(mediaType: type, digest: try digest(of: blob), size: Int64(blob.count))
        let read = try readLayer(slice, descriptor, diffID: diffID, jobs: jobs, limits) { try $0.all() }
        return Content(bytes: read.value, diffID: read.diffID)
    }

    /// Stores a blob.
    func store(_ blob: [UInt8]) throws -> FileSlice {
        try? directory.remove("blob")
        try directory.createFile("blob").write(blob.span)
        return try FileSlice(try File.reading(scratch["blob"]))
    }
}

extension LayerStream {
    /// Everything that is left.
    func all() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try next() { bytes += piece }
        return bytes
    }
}

func digest(of bytes: [UInt8]) throws -> Digest {
    var sha256 = try SHA256()
    sha256.update(bytes.span)
    return Digest(sha256: sha256.finish())
}

/// Bytes to compress, the same in each run.
enum Sample {
    /// Bytes that no compressor shrinks.
    static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            withUnsafeBytes(of: random) { bytes += $0 }
        }
        return Array(bytes.prefix(count))
    }

    /// Lines that any compressor shrinks.
    static func text(_ lines: Int) -> [UInt8] {
        (0..<lines).flatMap { Array("line \($0 &* 2_654_435_761 % 9973) of some file\n".utf8) }
    }

    /// Pieces as a layer has them.
    static let pieces: [[UInt8]] = [
        text(9000), noise(300_000), [UInt8](repeating: 0, count: 1 << 20), noise(70_000, seed: 2),
        Array(text(100).prefix(500)), [1], text(20_000), noise(1 << 20, seed: 3), Array("the end".utf8),
    ]
}

/// The pieces' members or frames, as varve makes them.
func compressed(_ pieces: [[UInt8]], _ method: CompressionMethod) throws -> [[UInt8]] {
    guard let compressor = try method.compressor() else { return pieces }
    return try pieces.map { try compressor.compress($0.span) }
}

/// A gzip member whose content stands in it as it is: blocks without compression.
func storedMember(_ content: [UInt8]) throws -> [UInt8] {
    // The trailer does not depend on how the content is written.
    let trailer = try compressed([content], .gzip(.level(1)))[0].suffix(8)
    var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    var start = 0
    repeat {
        let end = min(start + 65535, content.count)
        let length = UInt16(end - start)
        member.append(end == content.count ? 1 : 0)
        for number in [length, ~length] { member += [UInt8(number & 255), UInt8(number >> 8)] }
        member += content[start..<end]
        start = end
    } while start < content.count
    return member + trailer
}

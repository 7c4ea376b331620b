import Compression
import Cryptography
import Glibc
import Layers
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

private func digest(_ bytes: [UInt8]) throws -> Digest {
    var sha256 = try SHA256()
    sha256.update(bytes.span)
    return Digest(sha256: sha256.finish())
}

struct LayerPackerTests {
    private let scratch: Scratch
    private let root: FilePath

    /// A tree with a few pieces' worth of content.
    init() throws {
        scratch = try Scratch()
        root = try scratch.directory("root")
        let script = """
            mkdir d0 d1 d2
            for i in {1..60}; do seq $i $((i * 97)) > d$((i % 3))/f$i; done
            seq 450000 > large
            """
        try Command(shell: script).at(root).succeed()
    }

    @Test(arguments: [.none, .gzip(.level(2)), .gzip(.fastest), .zstd(3)] as [CompressionMethod])
    func `digest, diff ID and sizes are those of the bytes`(method: CompressionMethod) throws {
        let packed = try PackedTree(root) { $0.compression = method }
        #expect(packed.layer.descriptor.digest == (try digest(packed.blob)))
        #expect(packed.layer.diffID == (try digest(packed.tar)))
        #expect(packed.layer.descriptor.size == Int64(packed.blob.count))
        #expect(packed.layer.uncompressedSize == Int64(packed.tar.count))
        #expect(packed.layer.contents.entries == (try packed.members.count))
        #expect((method == .none) == (packed.layer.diffID == packed.layer.descriptor.digest))
    }

    @Test(
        arguments: [
            (.none, .layerTar), (.gzip(.level(1)), .layerTarGzip), (.gzip(.fastest), .layerTarGzip),
            (.zstd(1), .layerTarZstd),
        ] as [(CompressionMethod, MediaType)])
    func `the media type says how the blob is stored`(method: CompressionMethod, type: MediaType) throws {
        #expect(try PackedTree(root) { $0.compression = method }.layer.descriptor.mediaType == type)
    }

    @Test(arguments: [.none, .gzip(.level(2)), .zstd(3)] as [CompressionMethod])
    func `threads change no byte`(method: CompressionMethod) throws {
        let one = try PackedTree(root) { $0.compression = method }
        for jobs in [2, 8] {
            let many = try PackedTree(root) { ($0.compression, $0.jobs) = (method, jobs) }
            #expect(many.blob == one.blob)
        }
    }

    @Test func `the same tree elsewhere gives the same bytes`() throws {
        try Command(["cp", "-a", root.string, scratch["copy"].string]).succeed()
        #expect(try PackedTree(scratch["copy"]).blob == PackedTree(root).blob)
    }

    @Test func `progress only grows, and ends at the whole`() throws {
        var steps: [LayerProgress] = []
        let directory = try Directory.open(scratch.path)
        let file = try TemporaryFile(in: directory)
        let layer = try packLayer(of: root, into: file, try LayerOptions()) { steps.append($0) }
        #expect(steps.count > 3)
        #expect(
            zip(steps, steps.dropFirst()).allSatisfy { $0.bytesIn < $1.bytesIn && $0.entries <= $1.entries })
        #expect(steps.last?.bytesIn == layer.uncompressedSize)
        #expect(steps.last?.bytesOut == layer.descriptor.size)
        #expect(steps.last?.entries == layer.contents.entries)
    }

    @Test func `a full disk ends the packing with the file's name`() throws {
        try Requirement.root()
        let full = scratch["full"]
        try scratch.directory("full")
        let mounted = try Command(["mount", "-t", "tmpfs", "-o", "size=64k", "none", full.string]).run()
        if mounted.status != 0 { try Test.cancel("no mounts here") }
        defer { _ = try? Command(["umount", full.string]).run() }
        let directory = try Directory.open(full)
        let file = try TemporaryFile(in: directory)
        let error = #expect(throws: FileError.self) {
            var options = try LayerOptions()
            (options.compression, options.jobs) = (.none, 4)
            _ = try packLayer(of: root, into: file, options) { _ in }
        }
        #expect(error?.errno == .noSpace && error?.operation == "write")
    }

    @Test func `a root that is missing is named with the kernel's words`() throws {
        #expect(throws: FileError("open", scratch["none"], .noSuchFileOrDirectory)) {
            try PackedTree(scratch["none"])
        }
        #expect(throws: FileError("open", scratch["root/large"], .notDirectory)) {
            try PackedTree(scratch["root/large"])
        }
    }

    @Test func `an empty tree is an empty tar`() throws {
        let packed = try PackedTree(scratch.directory("empty"))
        #expect(packed.tar == [UInt8](repeating: 0, count: 1024))
        #expect(packed.layer.contents.entries == 0)
        #expect(packed.layer.contents.newestTime == nil)
    }

    @Test(arguments: ["bsdtar", "tar"])
    func `other programs unpack the same tree`(program: String) throws {
        try Requirement.program(program)
        let directory = try Directory.open(scratch.path)
        let file = try TemporaryFile(in: directory)
        _ = try packLayer(of: root, into: file, try LayerOptions()) { _ in }
        try file.publish(as: "layer.tar.gz")
        try scratch.directory("out")
        try Command([program, "-xpzf", scratch["layer.tar.gz"].string, "-C", scratch["out"].string]).succeed()
        try Command(["diff", "-r", root.string, scratch["out"].string]).succeed()
    }
}

import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Images

struct DockerArchiveTests {
    /// Writes an archive of a sample image's parts and what `manifest.json` says, and opens it.
    private func open(
        _ manifest: String, _ members: [TarBytes.Member], in scratch: Scratch
    ) throws -> ImageSource {
        let all = members + [.file("manifest.json", Array(manifest.utf8))]
        try Directory.writeFile(at: scratch["archive"], TarBytes.archive(all))
        return try ImageSource(
            reading: ImageLocation(parsing: Array("docker-archive:\(scratch["archive"])".utf8)))
    }

    private func config(_ image: SampleImage) -> [UInt8] {
        image.files["blobs/sha256/\(image.config.digest.hex)"] ?? []
    }

    /// The usual entry: a configuration and one layer.
    private func entry(_ config: String, _ layer: String, tags: String = #"["app:1.0"]"#) -> String {
        #"[{"Config":"\#(config)","RepoTags":\#(tags),"Layers":["\#(layer)"]}]"#
    }

    @Test func `an old archive is an image whose uncompressed layer has its diff ID for a digest`() throws {
        let scratch = try Scratch()
        let image = try SampleImage("layer")
        let name = "\(image.config.digest.hex).json"
        let source = try open(
            entry(name, "abc/layer.tar"),
            [.file(name, config(image)), .other("abc", "5"), .file("abc/layer.tar", Array("layer".utf8))],
            in: scratch)
        let descriptor = try source.resolve(.name("app:1.0"))
        let manifest = try source.manifest(descriptor).value
        #expect(manifest.layers == [image.layer])
        #expect(try source.configuration(of: manifest).value.diffIDs == [image.diffID])
        #expect(try source.openBlob(image.layer).readAll(limit: 10) == Array("layer".utf8))
        #expect(try source.resolve(.name("docker.io/library/app:1.0")).digest == descriptor.digest)
        #expect(try source.resolve(nil).digest == descriptor.digest)
        #expect(try source.resolve(.digest(descriptor.digest)).digest == descriptor.digest)
    }

    @Test(
        "a compressed layer is known by its first bytes and its name or content",
        arguments: [
            ("blobs/sha256/HEX", [0x1F, 0x8B, 8] as [UInt8], MediaType.layerTarGzip),
            ("layer.tar.gz", [0x1F, 0x8B, 8], .layerTarGzip), ("l", [0x28, 0xB5, 0x2F, 0xFD], .layerTarZstd),
        ])
    func compressed(name: String, content: [UInt8], mediaType: MediaType) throws {
        let scratch = try Scratch()
        let image = try SampleImage()
        let digest = try digest(content)
        let name = name.replacing("HEX", with: digest.hex)
        let source = try open(
            entry("config", name), [.file("config", config(image)), .file(name, content)], in: scratch)
        let expected = Descriptor(mediaType: mediaType, digest: digest, size: Int64(content.count))
        #expect(try source.manifest(source.resolve(nil)).value.layers == [expected])
    }

    @Test func `where the archive is a layout as well its own manifest is taken`() throws {
        let scratch = try Scratch()
        let image = try SampleImage("layer")
        let files = image.files.map { TarBytes.Member.file($0.key, $0.value) }
        let source = try open(
            entry("blobs/sha256/\(image.config.digest.hex)", "blobs/sha256/\(image.layer.digest.hex)"), files,
            in: scratch)
        #expect(try source.resolve(nil).digest == image.manifest.digest)
    }

    @Test func `several images are told apart by their names, and two names of one are one image`() throws {
        let scratch = try Scratch()
        let (one, two) = (try SampleImage("1"), try SampleImage("2"))
        let text = """
            [{"Config":"a","RepoTags":["x:1","x:latest"],"Layers":["la"]},
             {"Config":"b","RepoTags":null,"Layers":["lb"]}]
            """
        let members: [TarBytes.Member] = [
            .file("a", config(one)), .file("b", config(two)), .file("la", [0x31]), .file("lb", [0x32]),
        ]
        let source = try open(text, members, in: scratch)
        #expect(try source.manifest(source.resolve(.name("x"))).value.config.digest == one.config.digest)
        #expect(source.index().manifests.map(\.referenceName) == ["x:1", "x:latest", nil])
        #expect(throws: ImageError.ambiguous(source.path, names: ["x:1", "x:latest"])) {
            try source.resolve(nil)
        }
    }

    @Test(
        "B46: links between layers are followed within the archive",
        arguments: [
            ("2", "../real/layer.tar", true), ("2", "next", true), ("1", "real/layer.tar", true),
            ("2", "../../real/layer.tar", false), ("2", "/real/layer.tar", false), ("2", "layer.tar", false),
            ("2", "../none", false), ("2", "loop", false), ("2", "../real", false),
        ] as [(Character, String, Bool)])
    func links(type: Character, target: String, isGood: Bool) throws {
        let scratch = try Scratch()
        let image = try SampleImage("layer")
        let members: [TarBytes.Member] = [
            .file("config", config(image)), .other("real", "5"), .file("real/layer.tar", Array("layer".utf8)),
            .other("old/next", "2", link: "./../real/layer.tar"), .other("old/loop", "2", link: "layer.tar"),
            .other("old/layer.tar", type, link: target),
        ]
        func read() throws -> [UInt8] {
            let source = try open(entry("config", "old/layer.tar"), members, in: scratch)
            return try source.openBlob(image.layer).readAll(limit: 10)
        }
        if isGood {
            #expect(try read() == Array("layer".utf8))
        } else {
            #expect(throws: ImageError.self) { try read() }
        }
    }

    @Test(
        "B46: an entry that names what is not there, or is malformed",
        arguments: [
            #"{"Config":"config"}"#, "null", "", #"[{"Config":"config","Layers":["layer"]"#, "[null]", "[1]",
            #"[{"Layers":["layer"]}]"#, #"[{"Config":"none","Layers":["layer"]}]"#,
            #"[{"Config":null,"Layers":["layer"]}]"#, #"[{"Config":"config","Layers":["none"]}]"#,
            #"[{"Config":"config","Layers":[]}]"#, #"[{"Config":"config","Layers":null}]"#,
            #"[{"Config":"config","Layers":["layer","layer"]}]"#, #"[{"Config":"config","Layers":[null]}]"#,
            #"[{"Config":"config","Layers":["../layer"]}]"#, #"[{"Config":"/config","Layers":["layer"]}]"#,
            #"[{"Config":"config","RepoTags":["UPPER:1"],"Layers":["layer"]}]"#,
            #"[{"Config":"config","RepoTags":"a:1","Layers":["layer"]}]"#,
            #"[{"Config":"config","Config":"config","Layers":["layer"]}]"#,
            #"[{"Config":"layer","Layers":["layer"]}]"#, #"[{"Config":"xz","Layers":["xz"]}]"#,
            #"[{"Config":"config","Layers":["xz"]}]"#,
        ])
    func malformed(text: String) throws {
        let scratch = try Scratch()
        let members: [TarBytes.Member] = try [
            .file("config", config(SampleImage())), .file("layer", [0x61]),
            .file("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]),
        ]
        #expect(throws: ImageError.self) { try open(text, members, in: scratch) }
    }

    @Test func `B46: a chain of links without end, and a member named without end, take no time`() throws {
        let scratch = try Scratch()
        let image = try SampleImage("layer")
        let chain = (0..<2000).map { TarBytes.Member.other("l\($0)", "2", link: "l\($0 + 1)") }
        #expect(throws: ImageError.self) {
            try open(
                entry("config", "l0"), chain + [.file("config", config(image)), .file("l2000", [1])],
                in: scratch)
        }
        let zipped: [UInt8] = [0x1F, 0x8B] + [UInt8](repeating: 0, count: 1 << 20)
        let one = #"{"Config":"config","Layers":["layer"]}"#
        let many = Array(repeating: one, count: 10_000).joined(separator: ",")
        let source = try open(
            "[\(many)]", [.file("config", config(image)), .file("layer", zipped)], in: scratch)
        #expect(try source.manifest(source.resolve(nil)).value.layers.count == 1)
    }

    @Test(
        "B33: a configuration that is not what its name says is damaged",
        arguments: ["HEX.json", "blobs/sha256/HEX"])
    func wrongName(name: String) throws {
        let scratch = try Scratch()
        let name = name.replacing("HEX", with: String(repeating: "0f", count: 32))
        let members: [TarBytes.Member] = try [.file(name, config(SampleImage())), .file("layer", [0x61])]
        let error = #expect(throws: ImageError.self) { try open(entry(name, "layer"), members, in: scratch) }
        guard case .blobMismatch = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}

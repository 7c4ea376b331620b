import Cryptography
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Images

private let forms = ["oci", "oci-archive"]

struct ImageSourceTests {
    @Test(arguments: forms) func `an image is read from its name to its layer's bytes`(form: String) throws {
        let scratch = try Scratch()
        let image = try SampleImage("content")
        let source = try image.source(form, in: scratch)
        let descriptor = try source.resolve(.name("one"))
        #expect(descriptor.digest == image.manifest.digest)
        let manifest = try source.manifest(descriptor).value
        #expect(try source.configuration(of: manifest).value.diffIDs == [image.diffID])
        #expect(try source.openBlob(manifest.layers[0]).readAll(limit: 100) == Array("content".utf8))
        #expect(try source.resolve(.digest(image.manifest.digest)).digest == descriptor.digest)
    }

    @Test(
        "B1-B9: a document that is none names the file", arguments: forms,
        [
            ("oci-layout", ""), ("oci-layout", "{"), ("oci-layout", "null"), ("oci-layout", "[]"),
            ("oci-layout", #"{"imageLayoutVersion":"2.0.0"}"#), ("index.json", ""), ("index.json", "null"),
            ("index.json", #"{"schemaVersion":2,"manifests":[]"#), ("index.json", "[]"),
            ("index.json", "\u{FEFF}{\"schemaVersion\":2,\"manifests\":[]}"),
            ("index.json", #"{"schemaVersion":2,"manifests":[]} x"#),
            ("index.json", #"{"schemaVersion":2,"manifests":[],"manifests":[]}"#),
            ("index.json", "\u{0}{\u{0}}"),
        ])
    func malformed(form: String, row: (name: String, text: String)) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        image.files[row.name] = Array(row.text.utf8)
        let error = #expect(throws: ImageError.self) { try image.source(form, in: scratch) }
        #expect(try #require(error).description.contains(row.name))
    }

    @Test("B1: without oci-layout it is no layout", arguments: forms)
    func unmarked(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        image.files["oci-layout"] = nil
        #expect(throws: ImageError.self) { try image.source(form, in: scratch) }
    }

    @Test("B1: without an index there is no image", arguments: forms)
    func withoutIndex(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        image.files["index.json"] = nil
        let source = try image.source(form, in: scratch)
        #expect(throws: ImageError.noSuchImage(source.path, "at all", names: [])) {
            try source.resolve(nil)
        }
    }

    @Test("B10: nesting without end is refused without overflow", arguments: forms)
    func deepJSON(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        image.files["index.json"] = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: ImageError.self) { try image.source(form, in: scratch) }
    }

    @Test("B11: 100,000 manifests are refused", arguments: forms)
    func wideIndex(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        let one = String(decoding: image.manifest.json.serialized(), as: UTF8.self)
        let many = Array(repeating: one, count: 20_000).joined(separator: ",")
        image.files["index.json"] = Array(#"{"schemaVersion":2,"manifests":[\#(many)]}"#.utf8)
        #expect(throws: ImageError.self) { try image.source(form, in: scratch) }
    }

    @Test("B12: a document of more than 4 MiB is refused", arguments: forms, ["index.json", "manifest"])
    func large(form: String, which: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        let large = [UInt8](repeating: UInt8(ascii: " "), count: 5 << 20)
        if which == "index.json" {
            image.files["index.json"] = large
            #expect(throws: (any Error).self) { try image.source(form, in: scratch) }
        } else {
            let blob = Descriptor(mediaType: .imageManifest, digest: try image.add(large), size: 5 << 20)
            image.name([blob])
            let source = try image.source(form, in: scratch)
            #expect(throws: ImageError.self) { try source.manifest(source.resolve(nil)) }
        }
    }

    @Test(
        "B13-B26: a digest that is none is refused when it is read", arguments: forms,
        [
            "", "sha256:", "sha256:0f", "sha256:" + String(repeating: "0F", count: 32),
            "sha512:" + String(repeating: "0f", count: 64), "sha256:../../../../../../etc/passwd",
            "md5:" + String(repeating: "0f", count: 16), "SHA256:" + String(repeating: "0f", count: 32),
            "sha256:" + String(repeating: "0f", count: 33), String(repeating: "0f", count: 32),
            "sha256/" + String(repeating: "0f", count: 32), "sha256:" + String(repeating: "0g", count: 32),
            " sha256:" + String(repeating: "0f", count: 32), "sha256:" + String(repeating: "é", count: 32),
        ])
    func digestSyntax(form: String, text: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        image.files["index.json"] = Array(
            #"{"schemaVersion":2,"manifests":[{"mediaType":"\#(MediaType.imageManifest)","size":1,"digest":"\#(text)"}]}"#
                .utf8)
        let error = #expect(throws: ImageError.self) { try image.source(form, in: scratch) }
        #expect(try #require(error).description.contains("manifests[0].digest"))
    }

    @Test(
        "B27-B33: a manifest or configuration whose bytes are others is damaged", arguments: forms,
        ["flip", "cut", "extend", "empty"])
    func damaged(form: String, change: String) throws {
        let scratch = try Scratch()
        for isManifest in [true, false] {
            var image = try SampleImage()
            let name = "blobs/sha256/\((isManifest ? image.manifest : image.config).digest.hex)"
            var bytes = try #require(image.files[name])
            switch change {
            case "flip": bytes[3] ^= 1
            case "cut": bytes.removeLast()
            case "extend": bytes.append(0x20)
            default: bytes = []
            }
            image.files[name] = bytes
            let source = try image.source(form, in: scratch)
            let error = #expect(throws: ImageError.self) {
                try source.configuration(of: source.manifest(source.resolve(nil)).value)
            }
            guard case .blobMismatch = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test("B27-B32: a blob that is missing or shorter says so when it is opened", arguments: forms)
    func layer(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage("content")
        image.files["blobs/sha256/\(image.layer.digest.hex)"] = Array("conten".utf8)
        #expect(throws: ImageError.self) { try image.source(form, in: scratch).openBlob(image.layer) }
        let none = Descriptor(mediaType: .layerTar, digest: .emptyObject, size: 2)
        #expect(throws: FileError.self) { try image.source(form, in: scratch).openBlob(none) }
    }

    @Test(
        "B27-B32: what is no file in a blob's place is refused",
        arguments: ["ln -s /etc/passwd", "mkdir", "mkfifo", "ln -s /dev/zero"])
    func place(command: String) throws {
        let scratch = try Scratch()
        let image = try SampleImage()
        let source = try image.source("oci", in: scratch)
        let blob = source.place(of: image.layer.digest)
        try Command(shell: "rm '\(blob)' && \(command) '\(blob)'").succeed()
        #expect(throws: FileError.self) { try source.openBlob(image.layer) }
    }

    @Test(
        "B34: a size that is none is refused",
        arguments: ["-1", "1.0", #""1""#, "18446744073709551616", "null", "1e3", "[]"])
    func size(text: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        let digest = image.manifest.digest
        image.files["index.json"] = Array(
            #"{"schemaVersion":2,"manifests":[{"mediaType":"\#(MediaType.imageManifest)","digest":"\#(digest)","size":\#(text)}]}"#
                .utf8)
        #expect(throws: ImageError.self) { try image.source("oci", in: scratch) }
    }

    @Test("B34: a size that is not the blob's is damage", arguments: forms, [0, 1, 1 << 62] as [Int64])
    func wrongSize(form: String, size: Int64) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        image.name([Descriptor(mediaType: .imageManifest, digest: image.manifest.digest, size: size)])
        let source = try image.source(form, in: scratch)
        #expect(throws: ImageError.self) { try source.manifest(source.resolve(nil)) }
    }

    @Test("B35: a document of another media type than its descriptor's is refused", arguments: forms)
    func mediaType(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        let other = Descriptor(
            mediaType: .dockerManifest, digest: image.manifest.digest, size: image.manifest.size)
        image.name([other])
        let source = try image.source(form, in: scratch)
        #expect(throws: ImageError.self) { try source.manifest(other) }
    }

    @Test("B35: a manifest that could be read as an index is refused", arguments: forms)
    func ambiguousDocument(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        var bytes = try #require(image.files["blobs/sha256/\(image.manifest.digest.hex)"])
        bytes.removeLast()
        bytes += #","manifests":[]}"#.utf8
        let both = Descriptor(
            mediaType: .imageManifest, digest: try image.add(bytes), size: Int64(bytes.count))
        image.name([both])
        let source = try image.source(form, in: scratch)
        #expect(throws: ImageError.self) { try source.manifest(both) }
    }

    @Test(
        "B40: a configuration whose members are of other types is refused", arguments: forms,
        [
            #"{}"#, #"{"os":"linux"}"#,
            #"{"os":1,"architecture":"a","rootfs":{"type":"layers","diff_ids":[]}}"#,
            #"{"os":"l","architecture":"a","rootfs":{"type":"layers","diff_ids":["sha256:0"]}}"#,
            #"{"os":"l","architecture":"a","rootfs":{"type":"tar","diff_ids":[]}}"#,
            #"{"os":"l","architecture":"a","rootfs":{"type":"layers","diff_ids":[]},"config":{"Env":"A=1"}}"#,
            #"{"os":"l","architecture":"a","rootfs":{"type":"layers","diff_ids":[]},"config":{"Labels":{"a":1}}}"#,
            #"{"os":"l","architecture":"a","rootfs":{"type":"layers","diff_ids":[]},"history":{}}"#,
            #"{"os":"l","architecture":"a","rootfs":{"type":"layers","diff_ids":[]},"created":"yesterday"}"#,
        ])
    func configuration(form: String, text: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        let bytes = Array(text.utf8)
        let config = Descriptor(
            mediaType: .imageConfiguration, digest: try image.add(bytes), size: Int64(bytes.count))
        let source = try image.source(form, in: scratch)
        let error = #expect(throws: ImageError.self) {
            try source.configuration(of: Manifest(config: config, layers: []))
        }
        guard case .malformedDocument = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("B43: bytes in a descriptor that are not the blob's are damage", arguments: forms)
    func data(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        let bytes = try #require(image.files["blobs/sha256/\(image.manifest.digest.hex)"])
        for (data, isGood) in [
            (Base64.text(of: bytes), true), (Base64.text(of: bytes + [0]), false), ("", false),
        ] {
            var json = try #require(image.manifest.json.object)
            json["data"] = .string(data)
            let descriptor = try Descriptor(json: .object(json))
            image.name([descriptor])
            let source = try image.source(form, in: scratch)
            if isGood {
                _ = try source.manifest(source.resolve(nil))
            } else {
                #expect(throws: ImageError.self) { try source.manifest(source.resolve(nil)) }
            }
        }
    }

    @Test("B44: nothing is fetched from a descriptor's urls", arguments: forms)
    func urls(form: String) throws {
        let scratch = try Scratch()
        let image = try SampleImage()
        var json = try #require(Descriptor(mediaType: .layerTar, digest: .emptyObject, size: 2).json.object)
        json["urls"] = ["file:///etc/passwd", "http://127.0.0.1:1/x"]
        let source = try image.source(form, in: scratch)
        #expect(throws: FileError.self) { try source.openBlob(Descriptor(json: .object(json))) }
    }

    @Test("B45: an artifact is no image", arguments: forms)
    func artifact(form: String) throws {
        let scratch = try Scratch()
        var image = try SampleImage()
        try image.add(Array("{}".utf8))
        let bytes = Document(Manifest(config: .empty, layers: [.empty], artifactType: .inToto)).bytes
        let artifact = Descriptor(
            mediaType: .imageManifest, digest: try image.add(bytes), size: Int64(bytes.count))
        image.name([artifact, named(.empty, "blob")])
        let source = try image.source(form, in: scratch)
        let error = #expect(throws: ImageError.self) {
            try source.configuration(of: source.manifest(artifact).value)
        }
        #expect(try #require(error).description.contains("names no image"))
        #expect(throws: ImageError.self) { try source.resolve(.name("blob")) }
    }
}

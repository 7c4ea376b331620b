import OCI
import SystemPackage
import TestSupport
import Testing

/// What a finished pack leaves for those who asked: files, lines, an exit status.
struct ResultTests {
    @Test func `standard output is the manifest's digest and a newline`() throws {
        let scratch = try tree()
        let outcome = try pack(scratch).succeed()
        let index = try JSONValue(parsing: content(of: scratch["out/index.json"]))
        #expect(outcome.text == "\(index["manifests"]?.array?.first?["digest"]?.string ?? "")\n")
    }

    @Test func `the digest's file has no newline`() throws {
        let scratch = try tree()
        let digest = try pack(scratch, "--digest-file", "sub/digest").succeed().line
        #expect(try text(of: scratch["sub/digest"]) == digest)
    }

    @Test(arguments: [
        ("oci:out:1.0", "1.0@"), ("oci:out", "latest@"),
        ("oci:out:registry.example.com:5000/team/app:1.0", "registry.example.com:5000/team/app@"),
        ("oci:out:team/app", "docker.io/team/app@"),
    ])
    func `the name's file has the digest in the tag's place`(output: String, prefix: String) throws {
        let scratch = try tree()
        let digest = try pack(scratch, output: output, "--image-name-with-digest-file", "name").succeed().line
        #expect(try text(of: scratch["name"]) == "\(prefix)\(digest)\n")
    }

    @Test func `the metadata's file is what buildx writes`() throws {
        let scratch = try tree()
        let digest = try pack(scratch, "--metadata-file", "m.json").succeed().line
        let metadata = try JSONValue(parsing: content(of: scratch["m.json"]))
        let index = try JSONValue(parsing: content(of: scratch["out/index.json"]))
        let blob = PackedTree.blob(digest, in: scratch["out"])
        let manifest = try JSONValue(parsing: content(of: blob))
        #expect(metadata["containerimage.digest"]?.string == digest)
        #expect(metadata["containerimage.config.digest"] == manifest["config"]?["digest"])
        #expect(
            metadata["containerimage.descriptor"]?["size"]
                == index["manifests"]?.array?.first?["size"])
        #expect(metadata["image.name"]?.string == "app")
    }

    @Test func `provenance goes beside the layout unless told otherwise`() throws {
        let scratch = try tree()
        let digest = try pack(scratch).succeed().line
        #expect(try list(scratch["out.provenance"]) == ["\(digest.dropFirst(7)).json"])
        try pack(scratch, "--provenance", "elsewhere/p.json").succeed()
        #expect(try list(scratch["elsewhere"]) == ["p.json"])
    }

    @Test func `no provenance is written when none is wanted`() throws {
        let scratch = try tree()
        try pack(scratch, "--no-provenance").succeed()
        #expect(try list(scratch.path) == ["out", "tree"])
    }

    @Test func `messages name the image and the provenance`() throws {
        let scratch = try tree()
        let outcome = try pack(scratch, "--owner", "0:0").succeed()
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("packed 1 entries, ") == true)
        #expect(lines.contains("image       oci:out:app"))
        #expect(lines.last == "provenance  out.provenance/\(outcome.line.dropFirst(7)).json (not signed)")
    }

    @Test(arguments: ["--quiet", "-q"])
    func `quiet says nothing but the digest`(flag: String) throws {
        let scratch = try tree()
        let outcome = try pack(scratch, flag, "--env", "API_TOKEN=x").succeed()
        #expect(outcome.errors == "")
        #expect(outcome.line.hasPrefix("sha256:"))
    }

    @Test func `messages in JSON are one object a line`() throws {
        let scratch = try tree()
        let outcome = try pack(scratch, "--log-format", "json", "--env", "API_TOKEN=x", "--owner", "0:0")
            .succeed()
        let levels = try outcome.errors.split(separator: "\n").map {
            try JSONValue(parsing: Array($0.utf8))["level"]?.string
        }
        #expect(levels == ["note", "info", "info", "info"])
    }

    @Test(arguments: [
        (["--jobs", "0"], Int32(2), "usage"), (["--bogus"], 2, "usage"), (["--exclude", "["], 2, "usage"),
        (["--provenance", "tree/p"], 1, "input"), (["--digest-file", "/dev/full"], 1, "system"),
    ])
    func `an error in JSON names its class`(flags: [String], status: Int32, name: String) throws {
        let scratch = try tree()
        let outcome = try Command(
            [Command.varvePath.string, "pack", "tree", "-o", "oci:out:app", "--log-format", "json"] + flags
        ).at(scratch.path).run()
        #expect(outcome.status == status)
        let last = try #require(outcome.errors.split(separator: "\n").last)
        #expect(try JSONValue(parsing: Array(last.utf8))["class"]?.string == name)
    }

    @Test func `a file's name that ends in json makes no JSON of an error`() throws {
        let scratch = try tree()
        let outcome = try Command.varve("pack", "nowhere", "-o", "oci:out:app", "--metadata-file", "m.json")
            .at(scratch.path).run()
        #expect(outcome.errors == "varve: cannot open nowhere: No such file or directory\n")
    }

    @Test func `the version names every library`() throws {
        let lines = try Command.varve("--version").succeed().text.split(separator: "\n")
        let names = lines.map { $0.split(separator: " ").first.map(String.init) ?? "" }
        #expect(
            Set(names).isSuperset(of: [
                "varve", "swift", "libarchive", "libcrypto", "libdeflate", "libsodium", "libyaml", "libzstd",
                "zlib",
            ]))
        #expect(lines.allSatisfy { $0.split(separator: " ").dropFirst().first?.first?.isNumber == true })
    }

    private func tree() throws -> Scratch {
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        return scratch
    }

    private func pack(_ scratch: Scratch, output: String = "oci:out:app", _ flags: String...) -> Command {
        Command([Command.varvePath.string, "pack", "tree", "-o", output] + flags).at(scratch.path)
    }

    private func list(_ directory: FilePath) throws -> [String] {
        try Command(["ls", "-A", directory.string]).succeed().text.split(separator: "\n").map(String.init)
    }
}

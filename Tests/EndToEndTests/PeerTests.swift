import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// Other programs read the image and the layer, and agree on every digest.
struct PeerTests {
    @Test func `skopeo finds the digest that packing prints`() throws {
        try Requirement.program("skopeo")
        let (scratch, packed) = try pack(["--no-provenance"])
        let found = try Command(["skopeo", "inspect", "--format", "{{.Digest}}", "oci:\(packed.reference)"])
            .succeed().line
        #expect(packed.digest == found)
        withExtendedLifetime(scratch) {}
    }

    @Test func `skopeo shows what the flags said`() throws {
        try Requirement.program("skopeo")
        let (scratch, packed) = try pack([
            "--no-provenance", "--label", "a=b", "--env", "X=y z", "--platform", "linux/arm64/v8",
        ])
        let shown = try JSONValue(
            parsing: Command(["skopeo", "inspect", "oci:\(packed.reference)"]).succeed().output)
        #expect(shown["Labels"] == ["a": "b"])
        #expect(shown["Env"] == ["X=y z"])
        #expect(shown["Architecture"] == "arm64")
        withExtendedLifetime(scratch) {}
    }

    @Test(arguments: ["gzip", "zstd", "none"])
    func `skopeo copies the image, checking every blob`(compression: String) throws {
        try Requirement.program("skopeo")
        let (scratch, packed) = try pack(["--no-provenance", "--compression", compression])
        let copy = scratch["copy"]
        try Command(["skopeo", "copy", "oci:\(packed.reference)", "dir:\(copy)"]).succeed()
        let blob = FilePath("\(packed.layer.lastComponent.map { "\($0)" } ?? "")")
        #expect(try content(of: copy.pushing(blob)) == content(of: packed.layer))
    }

    @Test(arguments: [
        ("gzip", "1", "gzip"), ("gzip", "2", "gzip"), ("gzip", "12", "gzip"), ("gzip", "fastest", "gzip"),
        ("zstd", "1", "zstd"), ("zstd", "19", "zstd"),
    ])
    func `the layer's own program finds it whole`(compression: String, level: String, program: String) throws
    {
        try Requirement.program(program)
        let (scratch, packed) = try pack([
            "--no-provenance", "--compression", compression, "--compression-level", level,
        ])
        try Command([program, "-t"]).reading(packed.layer).succeed()
        withExtendedLifetime(scratch) {}
    }

    @Test(arguments: [("gzip", "gzip -dc"), ("zstd", "zstd -dc"), ("none", "cat")])
    func `the digest of the uncompressed layer is the diff ID`(compression: String, inflate: String) throws {
        try Requirement.program(compression == "zstd" ? "zstd" : "gzip")
        let (scratch, packed) = try pack(["--no-provenance", "--compression", compression])
        let sum = try Command(shell: "\(inflate) | sha256sum").reading(packed.layer).succeed().text.prefix(64)
        #expect("sha256:\(sum)" == packed.diffID)
        withExtendedLifetime(scratch) {}
    }

    @Test func `zlib's gzip reader inflates every member`() throws {
        try Requirement.program("python3")
        let (scratch, packed) = try pack(["--no-provenance"])
        let script = """
            import gzip, hashlib, sys
            print("sha256:" + hashlib.sha256(gzip.open(sys.argv[1]).read()).hexdigest())
            """
        let sum = try Command(["python3", "-c", script, packed.layer.string]).succeed().line
        #expect(sum == packed.diffID)
        withExtendedLifetime(scratch) {}
    }

    @Test(arguments: ["gzip", "zstd", "none"])
    func `the diff ID is the same however the layer is stored`(compression: String) throws {
        let (scratch, packed) = try pack(["--no-provenance", "--compression", compression])
        let other = try PackedTree(
            scratch["tree"], in: scratch, ["--no-provenance", "--compression", "gzip"], layout: "other")
        #expect(packed.diffID == other.diffID)
    }

    @Test(arguments: ["gzip", "zstd", "none"])
    func `descriptors tell the blobs' true sizes and digests`(compression: String) throws {
        let (scratch, packed) = try pack(["--no-provenance", "--compression", compression])
        let config = try #require(packed.manifest["config"])
        let layer = try #require(packed.manifest["layers"]?.array?.first)
        for descriptor in [config, layer] {
            let digest = try #require(descriptor["digest"]?.string)
            let blob = PackedTree.blob(digest, in: packed.layout)
            #expect(try sha256sum(blob) == digest)
            #expect(try Int64(content(of: blob).count) == descriptor["size"]?.int64)
        }
        withExtendedLifetime(scratch) {}
    }

    @Test(arguments: [
        ("gzip", "application/vnd.oci.image.layer.v1.tar+gzip"),
        ("zstd", "application/vnd.oci.image.layer.v1.tar+zstd"),
        ("none", "application/vnd.oci.image.layer.v1.tar"),
    ])
    func `the layer's media type names its compression`(compression: String, mediaType: String) throws {
        let (scratch, packed) = try pack(["--no-provenance", "--compression", compression])
        #expect(packed.manifest["layers"]?.array?.first?["mediaType"]?.string == mediaType)
        withExtendedLifetime(scratch) {}
    }

    @Test func `an image of an empty tree is one that skopeo copies`() throws {
        try Requirement.program("skopeo")
        let scratch = try Scratch()
        let packed = try PackedTree(scratch.directory("tree"), in: scratch)
        try Command(["skopeo", "copy", "oci:\(packed.reference)", "dir:\(scratch["copy"])"]).succeed()
    }

    /// A tree of a few pieces, packed.
    private func pack(_ flags: [String]) throws -> (Scratch, PackedTree) {
        let scratch = try Scratch()
        try SmallTree.make(at: scratch.directory("tree"))
        return (scratch, try PackedTree(scratch["tree"], in: scratch, flags))
    }
}

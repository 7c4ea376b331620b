import Linux
import SystemPackage
import TestSupport
import Testing

/// Documents against the schemas and readers of those who define them.
struct SchemaTests {
    private static let everyFlag = [
        "--entrypoint", #"["/bin/app"]"#, "--cmd", "serve", "--env", "A=b", "--label", "c=d", "--annotation",
        "e=f", "--user", "1:2", "--workingdir", "/srv", "--port", "80-81/udp", "--volume", "/data",
        "--stop-signal", "SIGTERM", "--author", "A <a@example.com>", "--platform", "linux/arm/v7",
    ]

    @Test(arguments: [
        [], everyFlag, ["--compression", "zstd"], ["--compression", "none", "--created", "now"],
    ])
    func `every document of a layout follows the image-spec's schema`(flags: [String]) throws {
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        let packed = try PackedTree(scratch["tree"], in: scratch, flags)
        try expectNothing(from: "documents.py", try schemas(), packed.layout.string)
    }

    @Test func `an image of an empty tree follows the schemas`() throws {
        let scratch = try Scratch()
        let packed = try PackedTree(scratch.directory("tree"), in: scratch)
        try expectNothing(from: "documents.py", try schemas(), packed.layout.string)
    }

    @Test func `an index of two images follows the schemas`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        for tag in ["one", "two"] {
            try Command.varve("pack", scratch["tree"].string, "-o", "oci:\(scratch["out"]):\(tag)").succeed()
        }
        try expectNothing(from: "documents.py", try schemas(), scratch["out"].string)
    }

    @Test(arguments: [
        [], everyFlag,
        ["--compression-level", "fastest", "--source", "git+https://example.com/app@refs/heads/main#sub"],
        [
            "--commit", String(repeating: "a", count: 40), "--source", "https://example.com/app", "--plugin",
            "ci-manager=1.2", "--plugin-image",
            "localhost:5000/plugins/kaniko:1.7.5@sha256:\(String(repeating: "0", count: 64))",
            "--invocation-id", "run 7", "--builder-id", "https://example.com/builder",
        ],
    ])
    func `in-toto's reader accepts the provenance`(flags: [String]) throws {
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        _ = try PackedTree(scratch["tree"], in: scratch, flags + ["--provenance", scratch["p"].string])
        try expectNothing(from: "statement.py", scratch["p"].string)
    }

    @Test func `in-toto's reader refuses the metadata's old spelling`() throws {
        // Why the spelling is not the default.
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        _ = try PackedTree(
            scratch["tree"], in: scratch, ["--harness-compat", "--provenance", scratch["p"].string])
        let outcome = try Check.run("statement.py", [scratch["p"].string])
        #expect(outcome.status == 1)
        #expect(outcome.text.contains("runDetailsMetadata"))
    }

    private func expectNothing(from script: String, _ arguments: String...) throws {
        let outcome = try Check.run(script, arguments)
        #expect(outcome.text + outcome.errors == "")
        #expect(outcome.status == 0)
    }

    /// Where Debian's golang-github-opencontainers-image-spec-dev puts them.
    private func schemas() throws -> String {
        let path = "/usr/share/gocode/src/github.com/opencontainers/image-spec/schema"
        guard (try? Directory.open(FilePath(path))) != nil else {
            try Test.cancel("golang-github-opencontainers-image-spec-dev is not installed")
        }
        return path
    }
}

import OCI
import SystemPackage
import TestSupport
import Testing

/// What varve shows of an image.
struct InspectTests {
    @Test func `the table shows what the image is`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        let packed = try PackedTree(
            scratch["tree"], in: scratch,
            [
                "--source-date-epoch", "0", "--entrypoint", #"["/app"]"#, "--cmd", #"["-x"]"#, "--env", "A=b",
                "--label", "c=d", "--user", "7", "--workingdir", "/srv", "--port", "80", "--volume", "/data",
                "--stop-signal", "SIGINT", "--author", "me", "--annotation", "e=f", "--platform",
                "linux/arm64",
            ])
        let provenance = "\(packed.layout).provenance/\(packed.digest.dropFirst(7)).json"
        let layer = try #require(packed.manifest["layers"]?.array?.first)
        let rows = try Command.varve("inspect", "oci:\(packed.reference)").succeed().text.split(
            separator: "\n"
        )
        .map { $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ") }
        let expected = [
            "image app", "digest \(packed.digest)", "platform linux/arm64", "created 1970-01-01T00:00:00Z",
            "author me", #"entrypoint ["/app"]"#, #"cmd ["-x"]"#, "user 7", "workingdir /srv", "env A=b",
            "label c=d", "ports 80/tcp", "volume /data", "stop signal SIGINT", "annotation e=f",
            "provenance \(provenance)", "diff ID \(packed.diffID)", "1970-01-01T00:00:00Z varve pack",
            "2.0 kB uncompressed, 1 entry",
            "1 \(layer["size"]?.int64 ?? 0) B \(layer["digest"]?.string ?? "") application/vnd.oci.image.layer.v1.tar+gzip",
        ]
        #expect(expected.filter { !rows.contains($0) } == [])
    }

    @Test func `the JSON object holds the documents`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        let packed = try PackedTree(scratch["tree"], in: scratch, [])
        let shown = try JSONValue(
            parsing: Command.varve("inspect", "--json", "oci:\(packed.reference)").succeed().output)
        #expect(shown["name"]?.string == "app")
        #expect(shown["digest"]?.string == packed.digest)
        #expect(shown["manifest"] == packed.manifest)
        #expect(shown["config"] == packed.configuration)
        let layer = try #require(shown["layers"]?.array?.first)
        #expect(layer["digest"] == packed.manifest["layers"]?.array?.first?["digest"])
        #expect(layer["diffID"]?.string == packed.diffID)
        #expect(layer["entries"]?.int64 == 1)
        #expect(layer["uncompressedSize"]?.int64 == 2048)
        #expect(shown["provenance"]?.string?.hasSuffix("\(packed.digest.dropFirst(7)).json") == true)
    }

    @Test(arguments: [
        "oci:LAYOUT", "oci:LAYOUT:app", "oci:LAYOUT@DIGEST", "oci:LAYOUT/:app", "oci:./LAYOUT:app",
    ])
    func `an image is found by any of its names`(name: String) throws {
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        let packed = try PackedTree(scratch["tree"], in: scratch)
        let words = name.split(separator: "LAYOUT", omittingEmptySubsequences: false).joined(separator: "out")
        let image = words.split(separator: "DIGEST", omittingEmptySubsequences: false)
            .joined(separator: packed.digest)
        let shown = try Command.varve("inspect", "--json", image).at(scratch.path).succeed().output
        #expect(try JSONValue(parsing: shown)["digest"]?.string == packed.digest)
    }

    @Test func `a control character in an image is escaped in the table`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        let packed = try PackedTree(
            scratch["tree"], in: scratch,
            ["--no-provenance", "--label", "a=\u{1B}[31m", "--label", "b=\u{202E}x"])
        let shown = try Command.varve("inspect", "oci:\(packed.reference)").succeed().output
        #expect(!shown.contains(0x1b))
        #expect(!String(decoding: shown, as: UTF8.self).unicodeScalars.contains("\u{202E}"))
    }

    @Test func `skopeo's copy of the image is shown as the same image`() throws {
        try Requirement.program("skopeo")
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        let packed = try PackedTree(scratch["tree"], in: scratch)
        try Command(["skopeo", "copy", "oci:\(packed.reference)", "oci:\(scratch["copy"]):c"]).succeed()
        let shown = try Command.varve("inspect", "--json", "oci:\(scratch["copy"]):c").succeed().output
        #expect(try JSONValue(parsing: shown)["digest"]?.string == packed.digest)
    }

    @Test func `a fifo in the provenance's place keeps nobody waiting`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/file")
        let layout = "oci:\(scratch["out"]):app"
        let digest = try Command.varve("pack", scratch["tree"].string, "-o", layout).succeed().line
        let place = scratch["out.provenance/\(digest.dropFirst(7)).json"].string
        try Command(shell: "rm '\(place)'; mkfifo '\(place)'").succeed()
        let inspect = Command(["timeout", "-s", "KILL", "20", Command.varvePath.string, "inspect", layout])
        #expect(try inspect.succeed().text.contains(digest))
    }
}

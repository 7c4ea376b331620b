import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// Images as one file, and several outputs of one run.
struct ArchiveTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try SmallTree.make(at: scratch.directory("tree"))
    }

    private func pack(_ flags: String...) throws -> Command.Outcome {
        try Command([Command.varvePath.string, "pack", "tree", "-q"] + flags).at(scratch.path).run()
    }

    @Test(
        arguments: [
            ("oci-archive:a.tar:1.0", "oci-archive:a.tar:1.0"),
            ("oci-archive:a.tar:1.0", "docker-archive:a.tar"),
            ("docker-archive:a.tar:example.com/app:1.0", "oci-archive:a.tar:1.0"),
            ("docker-archive:a.tar:example.com/app:1.0", "docker-archive:a.tar:example.com/app:1.0"),
            ("docker-archive:a.tar:app", "docker-archive:a.tar:docker.io/library/app:latest"),
            ("docker-archive:a.tar", "docker-archive:a.tar"),
        ], ["gzip", "none"])
    func `skopeo copies what varve wrote, from either form`(
        names: (written: String, read: String), compression: String
    ) throws {
        try Requirement.program("skopeo")
        #expect(try pack("-o", names.written, "--compression", compression).status == 0)
        try Command(["skopeo", "copy", "-q", names.read, "oci:copy:x"]).at(scratch.path).succeed()
        try Command(["skopeo", "inspect", names.read]).at(scratch.path).succeed()
        try Command(["skopeo", "copy", "-q", names.read, "dir:plain"]).at(scratch.path).succeed()
    }

    @Test func `every output of a run holds the same image, and the layer is made once`() throws {
        let outcome = try pack(
            "-o", "oci:out:1.0", "-o", "oci-archive:a.tar:1.0", "-o", "docker-archive:d.tar:app:1.0", "-o",
            "oci:other:x", "-o", "oci:out/../out:second")
        #expect(outcome.status == 0, "\(outcome.errors)")
        for image in [
            "oci:out:1.0", "oci:out:second", "oci:other:x", "oci-archive:a.tar", "oci-archive:d.tar",
            "docker-archive:d.tar:app:1.0",
        ] {
            let shown = try Command.varve("inspect", "--json", image).at(scratch.path).succeed()
            #expect(try JSONValue(parsing: shown.output)["digest"]?.string == outcome.line, "\(image)")
        }
        let alone = try pack("-o", "oci:alone:1.0", "--jobs", "1")
        #expect(alone.line == outcome.line)
    }

    @Test func `an archive has the same bytes wherever and beside whatever it is written`() throws {
        _ = try pack("-o", "oci-archive:a.tar:x")
        _ = try pack("-o", "oci:out:y", "-o", "oci-archive:deep/b.tar:x")
        let piped = try pack("-o", "oci-archive:-:x")
        #expect(try content(of: scratch["a.tar"]) == content(of: scratch["deep/b.tar"]))
        #expect(try content(of: scratch["a.tar"]) == piped.output)
    }

    @Test func `to standard output goes the archive, and the digest to standard error`() throws {
        let outcome = try pack("-o", "oci-archive:-:x", "-o", "oci:out:x", "--log-format", "text")
        try Directory.writeFile(at: scratch["a.tar"], outcome.output)
        let shown = try Command.varve("inspect", "--json", "oci-archive:a.tar:x").at(scratch.path).succeed()
        let digest = try #require(JSONValue(parsing: shown.output)["digest"]?.string)
        #expect(outcome.errors == digest + "\n")
        let json = try pack("-o", "docker-archive:-:app:1", "--log-format", "json")
        #expect(json.errors.contains(#"{"level":"result","message":"\#(digest)"}"#))
    }

    @Test func `an archive goes into a pipe that has a name`() throws {
        let outcome = try Command(
            shell: """
                mkfifo fifo; cat fifo >a.tar & "$VARVE" pack tree -q -o oci-archive:fifo:x; wait; ls -A
                """
        ).with("VARVE", Command.varvePath.string).at(scratch.path).succeed()
        #expect(outcome.text.hasSuffix("\na.tar\nfifo\ntree\n"))
        try Command.varve("inspect", "oci-archive:a.tar").at(scratch.path).succeed()
    }

    @Test func `beside an archive its provenance tells the image's digest and the file's`() throws {
        let digest = try pack("-o", "docker-archive:a.tar:example.com/app:1.0").line
        let statement = try JSONValue(parsing: content(of: scratch["a.tar.provenance.json"]))
        let file = try sha256sum(scratch["a.tar"])
        #expect(
            statement["subject"] == [
                ["name": "example.com/app:1.0", "digest": ["sha256": .string(String(digest.dropFirst(7)))]],
                ["name": "a.tar", "digest": ["sha256": .string(String(file.dropFirst(7)))]],
            ])
        let shown = try Command.varve("inspect", "oci-archive:a.tar").at(scratch.path).succeed()
        #expect(shown.text.contains("a.tar.provenance.json"))
    }

    @Test func `one file of provenance has the subjects of all outputs`() throws {
        let outcome = try pack(
            "-o", "oci:out:1.0", "-o", "oci:out:2.0", "-o", "oci-archive:a.tar:1.0", "-o", "oci-archive:-:3",
            "--provenance", "p.json")
        let digest = String(outcome.errors.dropFirst(7).prefix(64))
        let statement = try JSONValue(parsing: content(of: scratch["p.json"]))
        let subjects = statement["subject"]?.array ?? []
        #expect(subjects.map { $0["name"]?.string } == ["1.0", "2.0", "3", "a.tar", "stdout"])
        let digests = subjects.map { $0["digest"]?["sha256"]?.string }
        #expect(Set(digests.prefix(3)) == [digest])
        try Directory.writeFile(at: scratch["b.tar"], outcome.output)
        for (place, file) in [(3, "a.tar"), (4, "b.tar")] {
            #expect(try sha256sum(scratch[file]) == "sha256:\(digests[place] ?? "")")
        }
        let names = try Directory.open(scratch.path).names().sorted()
        #expect(names == ["a.tar", "b.tar", "out", "p.json", "tree"])
    }

    @Test func `results name every output`() throws {
        let digest = try pack(
            "-o", "oci:out:1.0", "-o", "docker-archive:d.tar:example.com/app:1.0",
            "--image-name-with-digest-file", "names", "--metadata-file", "metadata"
        ).line
        #expect(try text(of: scratch["names"]) == "1.0@\(digest)\nexample.com/app@\(digest)\n")
        let metadata = try JSONValue(parsing: content(of: scratch["metadata"]))
        #expect(metadata["image.name"]?.string == "1.0,example.com/app:1.0")
    }

    @Test func `zstd in a docker archive gets a note`() throws {
        let flags = ["-o", "docker-archive:d.tar:a:1", "--compression", "zstd"]
        let outcome = try Command([Command.varvePath.string, "pack", "tree"] + flags).at(scratch.path)
            .succeed()
        #expect(outcome.errors.contains("note: Docker before 23.0 cannot load"))
    }

    @Test(arguments: [
        (["-o", "oci-archive:-", "-o", "docker-archive:-"], "one archive only"),
        (["-o", "oci-archive:a.tar@sha256:" + String(repeating: "0f", count: 32)], "no digest yet"),
        (["-o", "docker-archive:a.tar:UPPER:1"], "upper-case"), (["-o", "docker:a"], "names no registry"),
        ([], "--output"),
    ])
    func `an output that cannot be is a mistake in usage`(flags: [String], reason: String) throws {
        let outcome = try Command([Command.varvePath.string, "pack", "tree"] + flags).at(scratch.path).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(reason))
        #expect(try Directory.open(scratch.path).names() == ["tree"])
    }
}

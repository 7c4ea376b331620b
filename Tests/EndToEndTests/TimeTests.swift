import OCI
import SystemPackage
import TestSupport
import Testing

/// The times of the layer's entries and of the image.
struct TimeTests {
    @Test(arguments: [
        ([String](), "2020-09-13T12:26:40Z"),
        (["--source-date-epoch", "1000000000"], "2001-09-09T01:46:40Z"),
        (["--source-date-epoch", "0"], "1970-01-01T00:00:00Z"),
        (["--source-date-epoch", "1700000000"], "2020-09-13T12:26:40Z"),
        (["--created", "1234567890"], "2009-02-13T23:31:30Z"),
        (["--created", "2026-01-31T12:00:00Z"], "2026-01-31T12:00:00Z"),
        (["--exclude", "new"], "2001-09-09T01:46:41Z"),
    ])
    func `an image's time is its newest entry's unless it was given`(flags: [String], created: String) throws
    {
        let scratch = try Scratch()
        let packed = try PackedTree(tree(in: scratch), in: scratch, ["--no-provenance"] + flags)
        #expect(packed.configuration["created"]?.string == created)
        #expect(packed.configuration["history"]?.array?.first?["created"]?.string == created)
    }

    @Test func `an empty tree's image is of 1970`() throws {
        let scratch = try Scratch()
        let packed = try PackedTree(scratch.directory("tree"), in: scratch)
        #expect(packed.configuration["created"]?.string == "1970-01-01T00:00:00Z")
        #expect(
            packed.diffID == "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef")
    }

    @Test(
        arguments: [
            (nil, "1500000000", ["-5", "1000000001", "1500000000"]),
            ("1000000000", nil, ["-5", "1000000000", "1000000000"]),
            ("0", nil, ["-5", "0", "0"]), ("1000000000", "1700000000", ["-5", "1000000000", "1000000000"]),
            ("1700000000", nil, ["-5", "1000000001", "1600000000"]),
        ] as [(String?, String?, [String])])
    func `later times are set back and earlier ones stay`(
        flag: String?, variable: String?, times: [String]
    ) throws {
        let scratch = try Scratch()
        let flags = flag.map { ["--source-date-epoch", $0] } ?? []
        let packed = try PackedTree(
            tree(in: scratch), in: scratch, ["--no-provenance", "--exclude", "dir"] + flags
        ) { $0.with("SOURCE_DATE_EPOCH", variable) }
        #expect(try self.times(packed) == times)
    }

    @Test func `a created image says now`() throws {
        let scratch = try Scratch()
        let before = try Command(["date", "-u", "+%FT%TZ"]).succeed().line
        let packed = try PackedTree(
            tree(in: scratch), in: scratch, ["--no-provenance", "--created", "now"])
        let after = try Command(["date", "-u", "+%FT%TZ"]).succeed().line
        let created = try #require(packed.configuration["created"]?.string)
        #expect(before <= created && created <= after)
    }

    @Test(arguments: ["-1", "x", "1e3", "99999999999999999999", " 5", "2020-01-01", "300000000000"])
    func `a SOURCE_DATE_EPOCH that is no time is refused`(value: String) throws {
        let scratch = try Scratch()
        let outcome = try Command.varve(
            "pack", tree(in: scratch).string, "-o", "oci:\(scratch["out"]):app"
        ).with("SOURCE_DATE_EPOCH", value).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("SOURCE_DATE_EPOCH"))
    }

    private func tree(in scratch: Scratch) throws -> FilePath {
        let script = """
            mkdir -p tree/dir; touch -d @-5 tree/a; touch -d @1000000001.9 tree/middle
            touch -d @1600000000 tree/new; touch -d @1000000000 tree/dir
            """
        try Command(shell: script).at(scratch.path).succeed()
        return scratch["tree"]
    }

    /// The members' times, in seconds since 1970.
    private func times(_ packed: PackedTree) throws -> [String] {
        try Requirement.program("python3")
        let script = "import sys, tarfile\nfor m in tarfile.open(sys.argv[1]): print(int(m.mtime))"
        return try Command(["python3", "-c", script, packed.layer.string]).succeed().text
            .split(separator: "\n").map(String.init)
    }
}

import Linux
import SystemPackage
import TestSupport
import Testing

/// Arguments that are wrong, and arguments that only look so.
struct FaultsInUsageTests {
    @Test(
        "A wrong argument ends with 2, says why, and touches nothing",
        arguments: [
            (["-o", "docker:x:t"], "docker is no transport"), (["-o", "x"], "write oci:DIR:TAG"),
            (["-o", "oci:"], "the directory is missing"), (["-o", "oci:x:-t"], "the tag needs"),
            (["-o", "oci:x:"], "the tag needs"), (["-o", "oci:x:a b"], "the tag needs"),
            (["-o", "oci:x@sha256:12"], "sha256:12"), ([], "--output"),
            (["-o", "oci:x:t", "--compression", "lzma"], "--compression: "),
            (["-o", "oci:x:t", "--compression-level", "13"], "no level 13"),
            (["-o", "oci:x:t", "--compression", "zstd", "--compression-level", "20"], "no level 20"),
            (["-o", "oci:x:t", "--compression-level", "high"], "no level high"),
            (["-o", "oci:x:t", "--jobs", "0"], "--jobs: give 1 to 64"),
            (["-o", "oci:x:t", "--jobs=-1"], "--jobs: give 1 to 64"),
            (["-o", "oci:x:t", "--jobs", "many"], "many"),
            (["-o", "oci:x:t", "--jobs", "99999999999999999999"], "99999999999999999999"),
            (["-o", "oci:x:t", "--nope"], "--nope"), (["-o", "oci:x:t", "more"], "more"),
            (["-o", "oci:x:t", "--owner", "root"], "--owner: "),
            (["-o", "oci:x:t", "--owner", "1:-1"], "--owner: "),
            (["-o", "oci:x:t", "--owner", "4294967295:0"], "--owner: "),
            (["-o", "oci:x:t", "--source-date-epoch", "today"], "--source-date-epoch: "),
            (["-o", "oci:x:t", "--source-date-epoch", "-1"], "--source-date-epoch"),
            (["-o", "oci:x:t", "--created", "yesterday"], "--created: "),
            (["-o", "oci:x:t", "--provenance", "p", "--no-provenance"], "--no-provenance"),
            (["-o", "oci:x:t", "--exclude", "["], "is no pattern"),
            (["-o", "oci:x:t", "--platform", "linux"], "--platform"),
        ])
    func usage(flags: [String], message: String) throws {
        let work = try Workplace()
        let before = try Workplace.snapshot(of: work.scratch.path)
        let outcome = try Command([Command.varvePath.string, "pack", "tree"] + flags).at(work.scratch.path)
            .run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(message))
        #expect(try Workplace.snapshot(of: work.scratch.path) == before)
    }

    @Test(
        "Numbers beyond every range are refused, not trapped",
        arguments: ["9223372036854775807", "-9223372036854775808", "1e9"])
    func numbers(text: String) throws {
        let work = try Workplace()
        for flag in ["--jobs", "--source-date-epoch", "--created", "--compression-level"] {
            let outcome = try work.pack("\(flag)=\(text)").run()
            #expect(outcome.status == 2, "\(flag): \(outcome.errors)")
        }
    }

    @Test func `1.5.1: paths that are no UTF-8 are taken byte by byte`() throws {
        let scratch = try Scratch()
        let root = Array("\(scratch.path)/root\u{e9}".utf8) + [0xff]
        let layout = Array("\(scratch.path)/out".utf8) + [0xfe, 0xff]
        _ = try Directory.makeDirectory(FilePath(bytes: root))
        let program = Array(Command.varvePath.string.utf8)
        let output = Array("oci:".utf8) + layout + Array(":t".utf8)
        let words = [program, Array("pack".utf8), root, Array("-o".utf8), output, Array("-q".utf8)]
        try Command(bytes: words).succeed()
        let names = Set(try Directory.open(scratch.path).names().map { Array($0.bytes) })
        let tail = Array("out".utf8) + [0xfe, 0xff]
        #expect(names == [Array("root\u{e9}".utf8) + [0xff], tail, tail + Array(".provenance".utf8)])
        let found = try Command(bytes: [program, Array("inspect".utf8), output]).run()
        #expect(found.status == 0)
    }

    @Test func `1.5.1: an error shows such a path escaped`() throws {
        let program = Array(Command.varvePath.string.utf8)
        let words = [
            program, Array("pack".utf8), Array("/none\n".utf8) + [0xff], Array("-o".utf8),
            Array("oci:x".utf8),
        ]
        let outcome = try Command(bytes: words).run()
        #expect(outcome.errors == "varve: cannot open /none\\x0a\\xff: No such file or directory\n")
    }

    @Test func `A failure in JSON has a class, and the word json elsewhere asks for nothing`() throws {
        let text = try Command.varve("pack", "/none.json", "-o", "oci:x:t", "--metadata-file", "json").run()
            .errors
        #expect(text == "varve: cannot open /none.json: No such file or directory\n")
        let json = try Command.varve("pack", "/none", "-o", "oci:x:t", "--log-format", "json").run().errors
        #expect(json.hasPrefix("{\"level\":\"error\",\"class\":\"system\","))
    }

    @Test func `digest names each file that it cannot read, and hashes the others`() throws {
        let scratch = try Scratch()
        try scratch.write("a", "abc")
        let outcome = try Command([Command.varvePath.string, "digest", "none", "a", ".", "a"]).at(
            scratch.path
        ).run()
        #expect(outcome.status == 1)
        #expect(outcome.text.split(separator: "\n").count == 2)
        #expect(
            outcome.errors
                == "varve: cannot open none: No such file or directory\nvarve: cannot read .: Is a directory\n"
        )
    }
}

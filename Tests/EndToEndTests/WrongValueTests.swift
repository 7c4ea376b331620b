import SystemPackage
import TestSupport
import Testing

/// A wrong flag ends with status 2 and one line that names it, and nothing is written.
struct WrongValueTests {
    @Test(arguments: [
        ["--compression", "lz4"], ["--compression", ""], ["--compression-level", "0"],
        ["--compression-level", "13"], ["--compression-level", "x"],
        ["--compression", "zstd", "--compression-level", "20"],
        ["--compression", "zstd", "--compression-level", "fastest"],
        ["--compression", "none", "--compression-level", "1"], ["--jobs", "0"], ["--jobs", "-1"],
        ["--jobs", "65"], ["--jobs", "many"], ["--source-date-epoch", "x"], ["--source-date-epoch", ""],
        ["--created", "yesterday"], ["--created", "2026-13-01T00:00:00Z"], ["--owner", "root"],
        ["--owner", "1"], ["--owner", "1:"], ["--owner", "1:2:3"], ["--owner", "-1:0"],
        ["--owner", "1:2", "--keep-owner"], ["--exclude", ""], ["--exclude", "["], ["--exclude", "a\\"],
        ["--xattr", "[a"], ["--entrypoint", "[1]"], ["--entrypoint", "[\"a\","], ["--cmd", "[null]"],
        ["--env", "=x"], ["--env", ""], ["--env", "VARVE_NOT_SET_ANYWHERE"], ["--label", "=x"],
        ["--annotation", ""], ["--user", ""], ["--user", "a\nb"], ["--workingdir", "srv"],
        ["--workingdir", ""], ["--port", "0"], ["--port", "65536"], ["--port", "80/icmp"],
        ["--port", "90-80"], ["--port", ""], ["--port", "80/"], ["--volume", "data"], ["--volume", ""],
        ["--stop-signal", ""], ["--platform", "linux"], ["--platform", ""], ["--platform", "a/b/c/d"],
        ["--source", ""], ["--source", "git+https://"], ["--source", "ftp://example.com/x"],
        ["--commit", "abc", "--source", "https://example.com/x"], ["--commit", "abc"], ["--plugin", "name"],
        ["--plugin", "=1"], ["--plugin-image", "UPPER"], ["--plugin-image", "a:b:c"],
        ["--provenance", "p", "--no-provenance"], ["--log-format", "xml"], ["--bogus"], ["--label"],
    ])
    func `a wrong value is refused in one line`(flags: [String]) throws {
        let scratch = try Scratch()
        try scratch.write("tree/file")
        let outcome = try Command(
            [Command.varvePath.string, "pack", "tree", "-o", "oci:out:app"] + flags
        ).at(scratch.path).run()
        #expect(outcome.status == 2)
        #expect(outcome.output == [])
        #expect(outcome.errors.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
        #expect(try Command(["ls", "-A"]).at(scratch.path).succeed().line == "tree")
    }

    @Test(arguments: [
        "docker:out", "out", "oci:", "oci::tag", "oci:out:", "oci:out:bad tag", "oci:out:-x", "OCI:out:x",
        "oci:out@sha256:00", "", "oci:out@sha256:" + String(repeating: "0", count: 64),
    ])
    func `an output that names no image is refused in one line`(output: String) throws {
        let scratch = try Scratch()
        try scratch.write("tree/file")
        let outcome = try Command.varve("pack", "tree", "-o", output).at(scratch.path).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
        #expect(try Command(["ls", "-A"]).at(scratch.path).succeed().line == "tree")
    }

    @Test(arguments: ["--label", "--env", "--entrypoint", "--user", "--plugin", "--source"])
    func `a text that is no UTF-8 is refused for a document cannot hold it`(flag: String) throws {
        let scratch = try Scratch()
        try scratch.write("tree/file")
        let words = [Command.varvePath.string, "pack", "tree", "-o", "oci:out:app", flag]
        let value = Array("/a=b".utf8) + [0xff]
        let outcome = try Command(bytes: words.map { Array($0.utf8) } + [value]).at(scratch.path).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(flag))
        #expect(try Command(["ls", "-A"]).at(scratch.path).succeed().line == "tree")
    }

    @Test(arguments: [
        ["pack"], ["pack", "tree"], ["pack", "tree", "more", "-o", "oci:out"], ["bogus"], ["inspect"],
    ])
    func `a missing or needless argument is refused in one line`(arguments: [String]) throws {
        let outcome = try Command([Command.varvePath.string] + arguments).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
    }
}

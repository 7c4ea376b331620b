import Linux
import SystemPackage
import TestSupport
import Testing

/// What of a tree stays out of its layer.
struct SelectionTests {
    private static let files = ["a", "a.o", "d/a", "d/e/a.o", "d/e/x", "tmp/y", "x"]

    @Test(arguments: [
        (["a"], ["a.o", "d/", "d/e/", "d/e/a.o", "d/e/x", "tmp/", "tmp/y", "x"]),
        (["/a"], ["a.o", "d/", "d/a", "d/e/", "d/e/a.o", "d/e/x", "tmp/", "tmp/y", "x"]),
        (["*.o", "tmp"], ["a", "d/", "d/a", "d/e/", "d/e/x", "x"]),
        (["d/"], ["a", "a.o", "tmp/", "tmp/y", "x"]),
        (["d/*"], ["a", "a.o", "d/", "tmp/", "tmp/y", "x"]),
        (["d/**/x"], ["a", "a.o", "d/", "d/a", "d/e/", "d/e/a.o", "tmp/", "tmp/y", "x"]),
        (["tmp/*"], ["a", "a.o", "d/", "d/a", "d/e/", "d/e/a.o", "d/e/x", "tmp/", "x"]),
        (["[ax]"], ["a.o", "d/", "d/e/", "d/e/a.o", "tmp/", "tmp/y"]),
        (["?"], ["a.o", "tmp/"]),
        (["*"], []),
        (["nothing"], ["a", "a.o", "d/", "d/a", "d/e/", "d/e/a.o", "d/e/x", "tmp/", "tmp/y", "x"]),
    ])
    func `what a pattern matches stays out`(patterns: [String], left: [String]) throws {
        let scratch = try Scratch()
        for name in Self.files { try scratch.write("tree/\(name)") }
        let packed = try PackedTree(
            scratch["tree"], in: scratch, ["--no-provenance"] + patterns.flatMap { ["--exclude", $0] })
        #expect(try members(packed) == left)
    }

    @Test func `a pattern in no encoding matches a name in none`() throws {
        let scratch = try Scratch()
        try Command(shell: "mkdir tree; touch $'tree/b\\xff' tree/c").at(scratch.path).succeed()
        let exclusion = Array("b".utf8) + [0xff]
        let words = [
            Command.varvePath.string, "pack", "tree", "-o", "oci:out:app", "--no-provenance",
            "--compression", "none", "--digest-file", "digest", "--exclude",
        ]
        try Command(bytes: words.map { Array($0.utf8) } + [exclusion]).at(scratch.path).succeed()
        let blobs = Command(shell: "for b in out/blobs/sha256/*; do tar -tf $b 2> /dev/null || :; done")
        #expect(try blobs.at(scratch.path).succeed().line == "c")
    }

    @Test func `sockets stay out and one note says so`() throws {
        try Requirement.program("python3")
        let scratch = try Scratch()
        try scratch.write("tree/file")
        let script = "import socket\nfor n in 'abc': socket.socket(socket.AF_UNIX).bind(n)"
        try Command(["python3", "-c", script]).at(scratch["tree"]).succeed()
        let packed = try PackedTree(scratch["tree"], in: scratch)
        #expect(try members(packed) == ["file"])
        let notes = packed.errors.split(separator: "\n").filter { $0.contains("socket") }
        #expect(
            notes == [
                "note: left out 3 sockets, the first is \(scratch["tree/a"]): a layer cannot hold one"
            ])
    }

    @Test(arguments: [".wh.file", "a/.wh..wh..opq", ".wh.", "a/.wh.dir/file"])
    func `a name like a whiteout is refused and nothing is published`(name: String) throws {
        let scratch = try Scratch()
        try scratch.write("tree/file")
        try scratch.write("tree/\(name)")
        let outcome = try Command.varve("pack", scratch["tree"].string, "-o", "oci:\(scratch["out"])").run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(".wh."))
        #expect(outcome.output == [])
        #expect(try Command(["ls", "-A", scratch.path.string]).succeed().line == "tree")
    }

    @Test func `a whiteout's name may be left out`() throws {
        let scratch = try Scratch()
        try scratch.write("tree/.wh.file")
        try scratch.write("tree/wh.file")
        let packed = try PackedTree(
            scratch["tree"], in: scratch, ["--no-provenance", "--exclude", ".wh.*"])
        #expect(try members(packed) == ["wh.file"])
    }

    private func members(_ packed: PackedTree) throws -> [String] {
        try Command(["tar", "-tzf", packed.layer.string]).succeed().text.split(separator: "\n").map(
            String.init)
    }
}

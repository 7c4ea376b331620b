import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Layers

struct KeptPathsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        let line = """
            mkdir -p a/b/c ab real/in gone/deep run; ln -s ../run a/link; ln -s /real l1; ln -s l1/in l2
            ln -s loop loop; echo x > a/b/c/f; echo x > a/b/g; echo x > real/in/f; echo x > real/g; echo x > run/f
            """
        try Command(shell: line).at(scratch.path).succeed()
    }

    private func kept(_ paths: String...) throws -> KeptPaths {
        let root = try Directory.open(scratch.path)
        var kept = KeptPaths()
        for path in paths { kept.insert(Array(path.utf8), in: root) }
        return kept
    }

    private func names(_ path: String) throws -> Set<String> {
        Set(try kept(path).all.map { String(decoding: $0, as: UTF8.self) })
    }

    private func rest() throws -> String {
        try Command(shell: "find . -mindepth 1 | LC_ALL=C sort | tr '\\n' ' '").at(scratch.path).succeed()
            .line
    }

    @Test(arguments: [
        ("/a", "a", true), ("/a", "a/b", true), ("/a", "ab", false), ("/a/b", "a", false),
        ("a//./b/", "a/b/c", true),
        ("/none/x", "none/x/y", true), ("/a/../ab", "ab", true), ("/../ab", "ab", true),
    ])
    func `a path stands for what is below it, by whole names`(path: String, other: String, isKept: Bool)
        throws
    {
        #expect(try kept(path).holds(Array(other.utf8)) == isKept)
    }

    @Test func `links on the way are kept, and where they lead`() throws {
        #expect(try names("/l2/f") == ["l2", "l1", "real/in/f"])
        #expect(try names("/a/link/f") == ["a/link", "run/f"])
        #expect(try names("/loop/x").contains("loop"))
    }

    @Test(arguments: ["/", "", "/a/..", "."]) func `the root itself cannot be kept`(path: String) throws {
        let root = try Directory.open(scratch.path)
        var kept = KeptPaths()
        let isKept = kept.insert(Array(path.utf8), in: root)
        #expect(!isKept && kept.all.isEmpty)
    }

    @Test func `all is removed but for what is kept, and the directories above that`() throws {
        let root = try Directory.open(scratch.path)
        var kept = try kept("/a/b/c", "/l2/f", "/none/x")
        kept.hold(Array("/gone".utf8), in: root)
        try kept.clear(root)
        #expect(try rest() == "./a ./a/b ./a/b/c ./a/b/c/f ./gone ./l1 ./l2 ./real ./real/in ./real/in/f")
    }

    @Test func `nothing is removed through a link that took a directory's place`() throws {
        let outside = try Scratch()
        try outside.write("b/c/f")
        try outside.write("g")
        let kept = try kept("/a/b/c")
        let line = "rm -r a && ln -s \(outside.path) a"
        try Command(shell: line).at(scratch.path).succeed()
        try kept.clear(Directory.open(scratch.path))
        #expect(try rest() == "")
        #expect(Machine.exists(outside["b/c/f"]) && Machine.exists(outside["g"]))
    }
}

import SystemPackage
import TestSupport
import Testing

@testable import Linux

struct DirectoryRootTests {
    private static let cases: [(String, String?)] = [
        ("", "."), ("a", "a"), ("a/b", "a/b"), ("./a//b/", "a/b"), ("/a", "a"), ("..", "."), ("../../a", "a"),
        ("a/../a/b", "a/b"), ("up", "."), ("up/a", "a"), ("absolute", "a/b"), ("relative", "a/b"),
        ("chain", "a/b"), ("a/b/back", "a"), ("file", nil), ("a/absent", nil), ("dangling", nil),
        ("circle", nil), ("file/x", nil), ("self", nil),
    ]

    private func tree() throws -> Scratch {
        let scratch = try Scratch()
        try scratch.directory("root/a/b")
        try scratch.directory("outside")
        try scratch.write("root/file")
        try Command(
            shell: """
                cd '\(scratch["root"])' && ln -s ../../.. up && ln -s /a/b absolute && ln -s a/b relative \
                && ln -s relative chain && ln -s .. a/b/back && ln -s absent dangling && ln -s circle circle \
                && ln -s /proc/self/root self
                """
        ).succeed()
        return scratch
    }

    @Test(arguments: cases)
    func `a path is resolved as if the directory was the root`(path: String, expected: String?) throws {
        let scratch = try tree()
        let root = try Directory.open(scratch["root"])
        guard let expected else {
            #expect(throws: FileError.self) { _ = try root.openInRoot(Array(path.utf8)) }
            return
        }
        let found = try root.openInRoot(Array(path.utf8)).status().identity
        #expect(try found == Directory.open(scratch["root"].appending(expected)).status().identity)
    }

    @Test(arguments: cases)
    func `without openat2 it is the same`(path: String, expected: String?) throws {
        let scratch = try tree()
        let root = try Directory.open(scratch["root"])
        guard let expected else {
            #expect(throws: FileError.self) { _ = try root.walkInRoot(Array(path.utf8)) }
            return
        }
        let found = try root.walkInRoot(Array(path.utf8)).status().identity
        #expect(try found == Directory.open(scratch["root"].appending(expected)).status().identity)
    }

    @Test func `missing directories are made, also where a link leads`() throws {
        let scratch = try tree()
        let root = try Directory.open(scratch["root"])
        _ = try root.openInRoot(Array("dangling/x".utf8)) { _, _ in }
        _ = try root.openInRoot(Array("up/new".utf8)) { _, _ in }
        #expect(try Directory.open(scratch["root/absent/x"]).status().permissions & 0o700 == 0o700)
        #expect(try Directory.open(scratch["root/new"]).status().kind == .directory)
        #expect(try Directory.open(scratch.path).names().sorted() == ["outside", "root"])
    }

    @Test func `a tree is removed however deep, and what is kept stays with what is above it`() throws {
        let scratch = try Scratch()
        let deep = String(repeating: "d/", count: 1500)
        try Command(
            shell:
                "cd '\(scratch.path)' && mkdir -p \(deep) && mkdir -p t/a/b t/c && touch t/a/b/keep t/a/x t/c/y && chmod 0 t/c"
        )
        .succeed()
        let directory = try Directory.open(scratch.path)
        #expect(try directory.removeTree("d"))
        #expect(try !directory.removeTree("t") { _, name in name == "keep" })
        #expect(try Command(["find", "t", "-type", "f"]).at(scratch.path).succeed().line == "t/a/b/keep")
        #expect(try Directory.open(scratch["t"]).names() == ["a"])
    }

    @Test func `removing follows no link`() throws {
        let scratch = try Scratch()
        try scratch.write("outside/f")
        try Command(shell: "mkdir t && ln -s ../outside t/l && ln -s outside l").at(scratch.path).succeed()
        let directory = try Directory.open(scratch.path)
        #expect(try directory.removeTree("t"))
        #expect(try directory.removeTree("l"))
        #expect(try Directory.open(scratch["outside"]).names() == ["f"])
    }
}

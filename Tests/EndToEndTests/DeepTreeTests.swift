import Linux
import SystemPackage
import TestSupport
import Testing

/// Trees deeper than any path that the kernel takes.
struct DeepTreeTests {
    @Test func `bsdtar restores a tree whose paths are longer than 4096 bytes`() throws {
        try expectRestored(depth: 40, name: String(repeating: "n", count: 255))
    }

    @Test func `bsdtar restores a tree of many levels`() throws {
        try expectRestored(depth: Requirement.isLongRun ? 3000 : 250, name: "d")
    }

    @Test func `a tree of 300 levels is one member a level`() throws {
        let scratch = try Scratch()
        try makeDeepTree(at: scratch.directory("tree"), 300, "d")
        let packed = try PackedTree(scratch["tree"], in: scratch)
        let listed = try Command(["tar", "-tzf", packed.layer.string]).succeed().text.split(separator: "\n")
        #expect(listed.count == 301)
        #expect(listed.last?.utf8.count == 300 * 2 + 4)
    }

    /// Times are left out: bsdtar sets those of directories at the end, by their whole paths.
    private func expectRestored(depth: Int, name: String) throws {
        try Requirement.program("bsdtar")
        let scratch = try Scratch()
        try makeDeepTree(at: scratch.directory("tree"), depth, FileName(name.utf8))
        let packed = try PackedTree(scratch["tree"], in: scratch)
        let copy = try scratch.directory("copy")
        try Command(["bsdtar", "-xpf", packed.layer.string, "-C", copy.string]).succeed()
        let original = try TreeListing(of: scratch["tree"])
        let restored = try TreeListing(of: copy)
        #expect(original.lines.count == depth + 1)
        #expect(restored.paths == original.paths)
        #expect(restored.lines.last == original.lines.last)
    }

    private func makeDeepTree(at root: FilePath, _ depth: Int, _ name: FileName) throws {
        var directory = try Directory.open(root)
        for _ in 0..<depth {
            try directory.createDirectory(name)
            directory = try directory.openDirectory(name)
        }
        try directory.createFile("leaf").write(Array("deep\n".utf8).span)
    }
}

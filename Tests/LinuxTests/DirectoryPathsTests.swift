import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct DirectoryPathsTests {
    private let scratch: Scratch

    /// A tree, its neighbour with a like name, and links into and out of it.
    init() throws {
        scratch = try Scratch()
        try scratch.write("tree/sub/file")
        try scratch.directory("tree-evil")
        symlink("tree/sub", scratch["into"].string)
        symlink("../tree-evil", scratch["tree/out"].string)
        symlink("tree/missing", scratch["dangling"].string)
        symlink("tree", scratch["alias"].string)
    }

    @Test(arguments: [
        "tree", "tree/new", "tree/sub", "tree/sub/a/b/c", "tree/sub/../new", "tree-evil/../tree/new", "into",
        "into/new", "into/../new", "alias/new", "tree/file-to-be", "tree/./.", "tree/sub/file",
        "tree/missing/../../elsewhere",
    ])
    func `a path that leads into the tree is found out`(name: String) throws {
        let isInside = try Directory.open(scratch["tree"]).contains(scratch[name])
        #expect(isInside)
    }

    @Test(arguments: [
        "", "tree-evil", "tree-evil/new", "new", "a/b/c", "tree/../new", "tree/out/new", "tree/sub/../../new",
        "into/../../new", "alias/../new",
    ])
    func `a path that leads elsewhere is not in the tree`(name: String) throws {
        let isInside = try Directory.open(scratch["tree"]).contains(scratch[name])
        #expect(!isInside)
    }

    @Test func `the tree seen by another path is the same tree`() throws {
        let isInside = try Directory.open(scratch["alias"]).contains(scratch["tree/new"])
        #expect(isInside)
    }

    @Test func `everything is below the root`() throws {
        let isInside = try Directory.open("/").contains(scratch["new"])
        #expect(isInside)
    }

    @Test func `a directory that may be written but not read hides nothing`() throws {
        try scratch.directory("tree/drop")
        chmod(scratch["tree"].string, 0o777)
        chmod(scratch["tree/drop"].string, 0o333)
        symlink("tree/drop", scratch["link"].string)
        // The program decides: root may read everything.
        let outcome = try Command.varve(
            "pack", scratch["tree"].string, "-o", "oci:\(scratch["link"])/out:app"
        )
        .asPlainUser().run()
        #expect(outcome.errors.contains("lies within"), "\(outcome.errors)")
    }

    @Test func `a written file is whole, and the directories above it are made`() throws {
        try Directory.writeFile(at: scratch["a/b/file"], Array("one".utf8))
        try Directory.writeFile(at: scratch["a/b/file"], Array("two".utf8))
        #expect(try text(of: scratch["a/b/file"]) == "two")
        #expect(try Directory.open(scratch["a/b"]).names() == ["file"])
    }

    @Test func `a link in the file's place is replaced, and its target untouched`() throws {
        try scratch.write("target", "old")
        symlink("target", scratch["link"].string)
        try Directory.writeFile(at: scratch["link"], Array("new".utf8))
        #expect(try text(of: scratch["target"]) == "old")
        #expect(try text(of: scratch["link"]) == "new")
    }

    @Test func `what is no file is written to as it is`() throws {
        mkfifo(scratch["fifo"].string, 0o600)
        let reader = open(scratch["fifo"].string, O_RDWR)
        defer { close(reader) }
        try Directory.writeFile(at: scratch["fifo"], Array("abc".utf8))
        var bytes: [UInt8] = [0, 0, 0]
        #expect(read(reader, &bytes, 3) == 3)
        #expect(bytes == Array("abc".utf8))
        #expect(throws: FileError("write", "/dev/full", .noSpace)) {
            try Directory.writeFile(at: "/dev/full", [1])
        }
    }

    @Test func `a directory in the file's place is an error and leaves nothing behind`() throws {
        try scratch.write("d/inner")
        #expect(throws: FileError.self) { try Directory.writeFile(at: scratch["d"], [1]) }
        #expect(try Directory.open(scratch.path).names().allSatisfy { !$0.bytes.starts(with: ".tmp-".utf8) })
        #expect(try text(of: scratch["d/inner"]) == "")
    }
}

import Linux
import SystemPackage
import TestSupport
import Testing

struct FileAppendingTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: [
        ("", "new\n"), ("old\n", "old\nnew\n"), ("old", "old\nnew\n"), ("\n", "\nnew\n"),
    ])
    func `lines begin on a line of their own, behind what is there`(before: String, after: String) throws {
        let path = try scratch.write("file", before)
        try File.append(Array("new\n".utf8), to: path)
        #expect(try text(of: path) == after)
    }

    @Test func `a file that is missing is made, a directory is not`() throws {
        try File.append(Array("a\n".utf8), to: scratch["file"])
        try File.append(Array("b\n".utf8), to: scratch["file"])
        #expect(try text(of: scratch["file"]) == "a\nb\n")
        #expect(throws: FileError("open", scratch["none/file"], .noSuchFileOrDirectory)) {
            try File.append([10], to: scratch["none/file"])
        }
    }

    @Test func `a full device is an error`() throws {
        try Requirement.file("/dev/full")
        #expect(throws: FileError("write", "/dev/full", .noSpace)) {
            try File.append([10], to: "/dev/full")
        }
    }
}

import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct DirectoryTests {
    @Test func `all names come as bytes, without the directory itself and its parent`() throws {
        let scratch = try Scratch()
        let names: [[UInt8]] = [
            Array("a".utf8), [0xFF, 0xFE], [0x0A], Array("...".utf8), Array(".hidden".utf8),
            Array(repeating: 0x78, count: 255), Array("*".utf8), Array("-rf".utf8),
        ]
        let directory = try Directory.open(scratch.path)
        for name in names { _ = try directory.createFile(FileName(name)) }
        let found = try directory.names().sorted()
        #expect(found == names.map { FileName($0) }.sorted())
    }

    @Test func `names can be listed again and again`() throws {
        let scratch = try Scratch()
        try scratch.write("a")
        let directory = try Directory.open(scratch.path)
        let first = try directory.names()
        let second = try directory.duplicate().names()
        #expect(first == ["a"] && second == ["a"])
    }

    @Test func `a directory is made once`() throws {
        let scratch = try Scratch()
        let directory = try Directory.open(scratch.path)
        let isNew = try directory.createDirectory("d")
        let isNewAgain = try directory.createDirectory("d")
        #expect(isNew && !isNewAgain)
    }

    @Test func `the directories above a new one are made too`() throws {
        let scratch = try Scratch()
        let made = ["a", "a/b", "a/b/c"].map { scratch[$0] }
        #expect(try Directory.makeDirectory(scratch["a/b/c"]) == made)
        #expect(try Directory.makeDirectory(scratch["a/b/c"]) == [])
        #expect(try Directory.makeDirectory(scratch["a"]) == [])
    }

    @Test(arguments: [
        ("dangling/new", Errno.noSuchFileOrDirectory), ("file/new", .notDirectory),
        ("loop/new", .tooManySymbolicLinkLevels),
    ])
    func `a place that no directory can be made in is an error at once`(name: String, errno: Errno) throws {
        let scratch = try Scratch()
        try scratch.write("file")
        symlink("nowhere", scratch["dangling"].string)
        symlink("loop", scratch["loop"].string)
        #expect(throws: FileError("create", scratch[name], errno)) {
            try Directory.makeDirectory(scratch[name])
        }
    }

    @Test(arguments: [
        ("file", Errno.notDirectory), ("link", .notDirectory), ("fifo", .notDirectory),
        ("none", .noSuchFileOrDirectory),
    ])
    func `what is no directory is not entered`(name: String, errno: Errno) throws {
        let scratch = try Scratch()
        try scratch.write("file")
        try scratch.directory("directory")
        symlink("directory", scratch["link"].string)
        mkfifo(scratch["fifo"].string, 0o600)
        let directory = try Directory.open(scratch.path)
        #expect(throws: FileError("open", scratch[name], errno)) {
            _ = try directory.openDirectory(FileName(name.utf8))
        }
    }

    @Test func `a link is never opened as the file it names`() throws {
        let scratch = try Scratch()
        try scratch.write("file", "secret")
        symlink("file", scratch["link"].string)
        let directory = try Directory.open(scratch.path)
        #expect(throws: FileError("open", scratch["link"], .tooManySymbolicLinkLevels)) {
            _ = try directory.openFile("link")
        }
        #expect(throws: FileError("open", scratch["link"], .tooManySymbolicLinkLevels)) {
            _ = try directory.openLockFile("link")
        }
        #expect(throws: FileError("open", scratch["link"], .tooManySymbolicLinkLevels)) {
            _ = try directory.content(of: "link", limit: 10)
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `a fifo in a file's place keeps nobody waiting`() throws {
        let scratch = try Scratch()
        mkfifo(scratch["fifo"].string, 0o600)
        let status = try Directory.open(scratch.path).openFile("fifo").status()
        #expect(status.kind == .fifo)
    }

    @Test func `the content of a file comes whole, and a missing one is nil`() throws {
        let scratch = try Scratch()
        try scratch.write("file", "12345")
        let directory = try Directory.open(scratch.path)
        #expect(try directory.content(of: "file", limit: 5) == Array("12345".utf8))
        #expect(try directory.content(of: "none", limit: 5) == nil)
        #expect(throws: FileError("read", scratch["file"], .fileTooLarge)) {
            try directory.content(of: "file", limit: 4)
        }
    }

    @Test func `a file that is there is not made anew`() throws {
        let scratch = try Scratch()
        try scratch.write("file", "old")
        let directory = try Directory.open(scratch.path)
        #expect(throws: FileError("create", scratch["file"], .fileExists)) {
            _ = try directory.createFile("file")
        }
        #expect(try text(of: scratch["file"]) == "old")
    }

    @Test(arguments: [1, 255, 256, 257, 4095])
    func `a link's target is whole, whatever its length`(length: Int) throws {
        let scratch = try Scratch()
        let target = (0..<length).map { _ in UInt8.random(in: 1...255) }
        #expect(FilePath(bytes: target).withPlatformString { _ in true })
        let made = (target.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { symlink($0, scratch["link"].string) }
        }
        #expect(made == 0)
        #expect(try Directory.open(scratch.path).linkTarget(of: "link") == target)
    }

    @Test func `a rename takes the place of what has the name`() throws {
        let scratch = try Scratch()
        try scratch.write("new", "new")
        try scratch.write("old", "old")
        try Directory.open(scratch.path).rename("new", to: "old")
        #expect(try text(of: scratch["old"]) == "new")
        #expect(throws: FileError("rename", scratch["new"], .noSuchFileOrDirectory)) {
            try Directory.open(scratch.path).rename("new", to: "old")
        }
    }

    @Test func `only an empty directory is removed`() throws {
        let scratch = try Scratch()
        try scratch.write("full/file")
        try scratch.directory("empty")
        let directory = try Directory.open(scratch.path)
        try directory.removeDirectory("empty")
        #expect(throws: FileError("remove", scratch["full"], .directoryNotEmpty)) {
            try directory.removeDirectory("full")
        }
        #expect(throws: FileError("remove", scratch["full"], .directoryNotEmpty)) {
            try Directory.removeDirectory(scratch["full"])
        }
        try directory.openDirectory("full").remove("file")
        try Directory.removeDirectory(scratch["full"])
        #expect(try directory.names() == [])
    }

    @Test(
        arguments: [
            ("", "name"), (".", "name"), ("/", "/name"), ("/dev", "/dev/name"), ("/dev/..", "/dev/../name"),
        ]
            as [(FilePath, FilePath)])
    func `an entry's path is spelled as the user spelled the directory`(path: FilePath, child: FilePath)
        throws
    {
        let found = try Directory.open(path).childPath("name")
        #expect(found == child)
    }

    @Test func `a file without a name holds what is written, and nothing is left of it`() throws {
        let scratch = try Scratch()
        let directory = try Directory.open(scratch.path)
        let file = try directory.createNamelessFile()
        #expect(try directory.names().isEmpty)
        try file.write(Array("content".utf8).span)
        var bytes: [UInt8] = []
        #expect(try file.read(upTo: 100, at: 3, appendingTo: &bytes) == 4)
        #expect(bytes == Array("tent".utf8))
    }
}

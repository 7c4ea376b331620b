import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// The paths that a walk meets.
private func paths(of root: FilePath, limit: Int = .max) throws -> [String] {
    var walk = try TreeWalk(of: Directory.open(root))
    var paths: [String] = []
    while paths.count < limit, let entry = try walk.next() {
        paths.append(String(decoding: entry.path, as: UTF8.self))
    }
    return paths
}

struct TreeWalkTests {
    @Test func `each directory is visited by the bytes of its names, with its children behind it`() throws {
        let scratch = try Scratch()
        for name in ["a/b", "a.b", "a0", "a/z/y", "a-", "B", "é", "_", "a/b.c", "a/B"] {
            try scratch.write("root/\(name)")
        }
        #expect(
            try paths(of: scratch["root"]) == [
                "B", "_", "a", "a/B", "a/b", "a/b.c", "a/z", "a/z/y", "a-", "a.b", "a0", "é",
            ])
    }

    @Test func `the order does not depend on the order of creation`() throws {
        let scratch = try Scratch()
        let names = (0..<200).map { "d\($0 % 7)/f\($0)" }
        for name in names { try scratch.write("one/\(name)") }
        for name in names.shuffled() { try scratch.write("two/\(name)") }
        #expect(try paths(of: scratch["one"]) == paths(of: scratch["two"]))
    }

    @Test func `an empty directory has no entries`() throws {
        let scratch = try Scratch()
        #expect(try paths(of: scratch.path) == [])
    }

    @Test func `names are bytes on the whole way`() throws {
        let scratch = try Scratch()
        let odd = FileName([0xFF, 0x0A, 0x5C])
        let directory = try Directory.open(scratch.path)
        try directory.createDirectory(odd)
        _ = try directory.openDirectory(odd).createFile(odd)
        var walk = try TreeWalk(of: directory)
        _ = try walk.next()
        let inner = try walk.next()
        #expect(inner?.path == [0xFF, 0x0A, 0x5C, 0x2F, 0xFF, 0x0A, 0x5C])
        #expect(inner?.name == odd)
    }

    @Test func `a link is an entry and is never followed`() throws {
        let scratch = try Scratch()
        try scratch.write("outside/file")
        try scratch.directory("root")
        symlink("../outside", scratch["root/link"].string)
        symlink(".", scratch["root/self"].string)
        #expect(try paths(of: scratch["root"]) == ["link", "self"])
    }

    @Test func `the children of a directory can be left out`() throws {
        let scratch = try Scratch()
        for name in ["a/deep/er/file", "b/file", "c"] { try scratch.write(name) }
        var walk = try TreeWalk(of: Directory.open(scratch.path))
        var seen: [String] = []
        while let entry = try walk.next() {
            let path = String(decoding: entry.path, as: UTF8.self)
            seen.append(path)
            if path == "a/deep" || path == "c" { walk.skipChildren() }
        }
        #expect(seen == ["a", "a/deep", "b", "b/file", "c"])
    }

    @Test func `every kind is told but that of a file, which who opens it asks`() throws {
        let scratch = try Scratch()
        for name in ["a/b", "file"] { try scratch.write(name) }
        symlink("a", scratch["link"].string)
        mkfifo(scratch["pipe"].string, 0o600)
        var walk = try TreeWalk(of: Directory.open(scratch.path))
        var kinds: [FileStatus.Kind?] = []
        while let entry = try walk.next() { kinds.append(entry.status?.kind) }
        #expect(kinds == [.directory, nil, nil, .symbolicLink, .fifo])
    }

    @Test func `attributes of the directory met last, and of nothing else`() throws {
        let scratch = try Scratch()
        try scratch.write("a/b")
        try Command(["setfattr", "-n", "user.note", "-v", "x", scratch["a"].string]).succeed()
        try Command(["setfattr", "-n", "user.note", "-v", "y", scratch["a/b"].string]).succeed()
        var walk = try TreeWalk(of: Directory.open(scratch.path))
        var found: [[UInt8]] = []
        while try walk.next() != nil {
            found += try walk.attributesOfDirectory { $0.starts(with: "user.".utf8) }.map(\.value)
        }
        #expect(found == [Array("x".utf8)])
    }

    @Test func `the directory of the entry met last is open`() throws {
        let scratch = try Scratch()
        try scratch.write("a/b/file", "inner")
        try scratch.write("file", "outer")
        var walk = try TreeWalk(of: Directory.open(scratch.path))
        var found: [[UInt8]?] = []
        while let entry = try walk.next() {
            if entry.name == "file" { found.append(try walk.directory.content(of: entry.name, limit: 10)) }
        }
        #expect(found == [Array("inner".utf8), Array("outer".utf8)])
    }

    @Test func `a tree of 3000 levels is walked with a handful of descriptors`() async throws {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            let name = FileName("d".utf8)
            var place = try Directory.open(scratch.path)
            for _ in 0..<3000 {
                try place.createDirectory(name)
                place = try place.openDirectory(name)
            }
            _ = try place.createFile("end")
            var few = rlimit(rlim_cur: 24, rlim_max: 24)
            setrlimit(__rlimit_resource_t(7), &few)
            var walk = try TreeWalk(of: Directory.open(scratch.path))
            var count = 0
            var longest = 0
            while let entry = try walk.next() {
                count += 1
                longest = max(longest, entry.path.count)
            }
            precondition(count == 3001)
            precondition(longest == 3000 * 2 + 3)
        }
    }
}

struct TreeWalkInMotionTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for name in ["root/a/one", "root/a/two", "root/b/three", "root/c", "other/file"] {
            try scratch.write(name)
        }
    }

    /// Walks until it has met `path`, changes the tree, and gives the error that the walk then ends with.
    private func error(after path: String, _ change: String) throws -> FileError? {
        var walk = try TreeWalk(of: Directory.open(scratch["root"]))
        while let entry = try walk.next(), String(decoding: entry.path, as: UTF8.self) != path {}
        try Command(shell: change).at(scratch.path).succeed()
        do {
            while try walk.next() != nil {}
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("a", "mv root/a old; mkdir root/a", "root/a", Errno.staleNFSFileHandle),
        ("a", "mv root/a old; ln -s ../other root/a", "root/a", .notDirectory),
        ("a", "mv root/a old; mkfifo root/a", "root/a", .notDirectory),
        ("a", "rm -r root/a", "root/a", .noSuchFileOrDirectory),
        ("a", "touch root/a/new", "root/a", .staleNFSFileHandle),
        ("a/one", "rm root/a/two", "root/a", .staleNFSFileHandle),
        ("a/one", "touch root/a/new", "root/a", .staleNFSFileHandle),
        ("a/two", "rm root/a/one", "root/a", .staleNFSFileHandle),
        ("a/two", "mv root/a other/a", "root/a", .staleNFSFileHandle),
        ("a/one", "rm root/c", "root", .staleNFSFileHandle),
        ("c", "touch root/d", "root", .staleNFSFileHandle),
        ("a", "chmod 700 root/a", "root/a", .staleNFSFileHandle),
    ])
    func `a tree that changes under the walk is an error that names the place`(
        path: String, change: String, place: String, errno: Errno
    ) throws {
        // Times tick in steps of a few milliseconds.
        Machine.sleep(milliseconds: 20)
        let error = try error(after: path, change)
        #expect(error?.path == scratch[place])
        #expect(error?.errno == errno)
    }

    @Test func `reading the tree is no change`() throws {
        Machine.sleep(milliseconds: 20)
        #expect(try error(after: "a", "cat root/a/* > /dev/null; ls -lR root > /dev/null") == nil)
    }
}

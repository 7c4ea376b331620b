import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct TemporaryFileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func names() throws -> [FileName] { try Directory.open(scratch.path).names().sorted() }

    @Test func `nothing is left when nobody publishes it`() throws {
        do {
            let file = try TemporaryFile(in: Directory.open(scratch.path))
            try file.write(Array("half".utf8))
            #expect(try names().count == 1)
        }
        #expect(try names() == [])
    }

    @Test func `a published file has all its bytes and its name alone`() throws {
        let directory = try Directory.open(scratch.path)
        let file = try TemporaryFile(in: directory)
        try file.write(Array("one ".utf8))
        try file.write(Array("two".utf8))
        try file.synchronize()
        try file.publish(as: "done")
        #expect(try names() == ["done"])
        #expect(try text(of: scratch["done"]) == "one two")
    }

    @Test func `publishing takes the place of what was there`() throws {
        try scratch.write("done", "old")
        let directory = try Directory.open(scratch.path)
        try directory.replace("done", with: Array("new".utf8))
        #expect(try text(of: scratch["done"]) == "new")
        #expect(try names() == ["done"])
    }

    @Test func `a publication that fails leaves nothing`() throws {
        try scratch.write("taken/file")
        let directory = try Directory.open(scratch.path)
        #expect(throws: FileError.self) { try directory.replace("taken", with: [1]) }
        #expect(try names() == ["taken"])
    }

    @Test func `a sweep takes what dead writers left and nothing else`() throws {
        try scratch.write(".tmp-dead", "half")
        try scratch.write(".tmpfile")
        try scratch.write("tmp-x")
        try scratch.write(".tmp-directory/file")
        mkfifo(scratch[".tmp-fifo"].string, 0o600)
        let directory = try Directory.open(scratch.path)
        let live = try TemporaryFile(in: directory)
        try live.write([1])
        try directory.sweep()
        let left = try names()
        #expect(left.count == 4)
        #expect(Set(left).isSuperset(of: [".tmp-directory", ".tmpfile", "tmp-x"]))
        try live.publish(as: "done")
        #expect(try content(of: scratch["done"]) == [1])
    }

    @Test func `sweeps beside writers take nothing that is alive`() throws {
        let path = scratch.path
        let isOver = Monitor(false)
        let sweeper = Worker {
            while !isOver.update({ $0 }) { try Directory.open(path).sweep() }
        }
        let writers = (0..<4).map { writer in
            Worker {
                for turn in 0..<50 {
                    let directory = try Directory.open(path)
                    try directory.replace(FileName("w\(writer)-\(turn)".utf8), with: [UInt8(turn)])
                }
            }
        }
        let results = writers.map { writer in Result { try writer.join() } }
        isOver.update { $0 = true }
        try sweeper.join()
        for result in results { try result.get() }
        #expect(try names().count == 200)
    }

    @Test func `the permissions are those that were asked for, less the umask`() throws {
        let directory = try Directory.open(scratch.path)
        let file = try TemporaryFile(in: directory, permissions: 0o600)
        try file.publish(as: "private")
        #expect(try directory.status(of: "private").permissions == 0o600)
    }

    @Test func `a directory that is gone is an error`() throws {
        try scratch.directory("gone")
        let directory = try Directory.open(scratch["gone"])
        try Directory.removeDirectory(scratch["gone"])
        #expect(throws: FileError.self) { _ = try TemporaryFile(in: directory) }
    }
}

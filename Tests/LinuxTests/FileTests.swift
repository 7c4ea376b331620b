import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct FileTests {
    @Test func `a file that is missing is named with the kernel's words`() throws {
        let scratch = try Scratch()
        #expect(throws: FileError("open", scratch["none"], .noSuchFileOrDirectory)) {
            _ = try File.reading(scratch["none"])
        }
        #expect(
            "\(FileError("open", "a\nb", .permissionDenied))" == "cannot open a\\nb: Permission denied")
    }

    @Test func `a read takes what is there, and 0 bytes mean the end`() throws {
        let scratch = try Scratch()
        let file = try File.reading(scratch.write("file", "0123456789"))
        var buffer: [UInt8] = [0x3E]
        let counts = try (0..<4).map { _ in try file.read(upTo: 4, appendingTo: &buffer) }
        #expect(counts == [4, 4, 2, 0])
        #expect(buffer == Array(">0123456789".utf8))
    }

    @Test func `a read of a pipe gives the bytes that came so far`() throws {
        let scratch = try Scratch()
        #expect(mkfifo(scratch["fifo"].string, 0o600) == 0)
        // Opened for both directions: neither end waits for the other.
        let writer = open(scratch["fifo"].string, O_RDWR)
        defer { close(writer) }
        let file = try File.reading(scratch["fifo"])
        #expect(write(writer, "abc", 3) == 3)
        var buffer: [UInt8] = []
        let count = try file.read(upTo: 1000, appendingTo: &buffer)
        #expect(count == 3)
        #expect(buffer == Array("abc".utf8))
    }

    @Test func `reading a directory is an error that names it`() throws {
        let scratch = try Scratch()
        let file = try File.reading(scratch.path)
        #expect(throws: FileError("read", scratch.path, .isDirectory)) { try file.readAll(limit: 10) }
    }

    @Test(arguments: [(0, 0), (10, 10), (10, 11), (70_000, 70_000), (200_000, 1 << 20)])
    func `a whole file within the limit is read`(size: Int, limit: Int) throws {
        let scratch = try Scratch()
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Directory.writeFile(at: scratch["file"], bytes)
        let read = try File.reading(scratch["file"]).readAll(limit: limit)
        #expect(read == bytes)
    }

    @Test(arguments: [(1, 0), (11, 10), (70_000, 69_999), (200_000, 10)])
    func `one byte beyond the limit is an error`(size: Int, limit: Int) throws {
        let scratch = try Scratch()
        let path = try scratch.write("file", String(repeating: "x", count: size))
        #expect(throws: FileError("read", path, .fileTooLarge)) {
            try File.reading(path).readAll(limit: limit)
        }
    }

    @Test func `an endless file stops at the limit`() throws {
        #expect(throws: FileError("read", "/dev/zero", .fileTooLarge)) {
            try File.reading("/dev/zero").readAll(limit: 1 << 20)
        }
    }

    @Test func `all bytes are written, however large the piece`() throws {
        let scratch = try Scratch()
        let bytes = [UInt8](repeating: 0x61, count: 5 << 20)
        let file = try Directory.open(scratch.path).createFile("file")
        try file.write(bytes.span)
        try file.write([0x62].span)
        try file.write([UInt8]().span)
        try file.synchronize()
        #expect(try content(of: scratch["file"]) == bytes + [0x62])
    }

    @Test func `a full device is an error that names it`() throws {
        let full = try Directory.open("/dev").openLockFile("full")
        #expect(throws: FileError("write", "/dev/full", .noSpace)) { try full.write([1].span) }
    }

    @Test func `the stretches of a sparse file are found in their order`() throws {
        let scratch = try Scratch()
        let mebibyte = Int64(1 << 20)
        try Command(
            shell: "truncate -s 8M file && printf x | dd of=file bs=1M seek=3 conv=notrunc 2>/dev/null"
        )
        .at(scratch.path).succeed()
        let file = try File.reading(scratch["file"])
        guard let data = try file.nextData(from: 0), data.upperBound < 8 * mebibyte else {
            try Test.cancel("this file system keeps no holes")
        }
        #expect(data.lowerBound == 3 * mebibyte)
        var buffer: [UInt8] = []
        let count = try file.read(upTo: 1, appendingTo: &buffer)
        #expect(count == 1 && buffer == [0x78])
        let behind = try file.nextData(from: data.upperBound)
        #expect(behind == nil)
        let end = try file.nextData(from: 8 * mebibyte)
        #expect(end == nil)
    }

    @Test func `a file without holes is one stretch`() throws {
        let scratch = try Scratch()
        let file = try File.reading(scratch.write("file", "hello"))
        let data = try file.nextData(from: 0)
        #expect(data == 0..<5)
        let rest = try file.nextData(from: 2)
        #expect(rest == 2..<5)
    }

    @Test func `one opening at a time holds the lock`() throws {
        let scratch = try Scratch()
        let directory = try Directory.open(scratch.path)
        let first = try directory.openLockFile("lock")
        let isHeld = try first.tryLock()
        #expect(isHeld)
        do {
            let second = try directory.openLockFile("lock")
            let isHeldTwice = try second.tryLock()
            #expect(!isHeldTwice)
        }
        let isStillHeld = try first.tryLock()
        #expect(isStillHeld)
    }

    @Test func `a lock ends with its owner`() throws {
        let scratch = try Scratch()
        let directory = try Directory.open(scratch.path)
        do {
            let first = try directory.openLockFile("lock")
            _ = try first.tryLock()
        }
        let isHeld = try directory.openLockFile("lock").tryLock()
        #expect(isHeld)
    }
}

import Glibc
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Layers

struct ContentDigestsTests {
    @Test(
        "A file is remembered when a change would be seen",
        arguments: [
            // Changed, now, in seconds and nanoseconds.
            (100, 500_000_000, 100, 500_000_000, false), (100, 500_000_000, 100, 510_000_000, false),
            (100, 500_000_000, 100, 521_000_000, true), (100, 995_000_000, 101, 5_000_000, false),
            (100, 995_000_000, 101, 20_000_000, true), (100, 1, 200, 0, true),
            (100, 1, 99, 900_000_000, false),
            // A file system that counts seconds.
            (100, 0, 101, 900_000_000, false), (100, 0, 102, 1, true),
            (Int64.min, 5, 100, 0, false), (Int64.max, 5, 100, 0, false),
        ] as [(Int64, Int64, Int64, Int64, Bool)])
    func settled(seconds: Int64, nanoseconds: Int64, now: Int64, fraction: Int64, isSettled: Bool) {
        let changed = FileStatus.Time(seconds: seconds, nanoseconds: nanoseconds)
        let time = FileStatus.Time(seconds: now, nanoseconds: fraction)
        #expect(ContentDigests.isSettled(changed, at: time) == isSettled)
    }

    @Test func `a file that is written again and again in one tick has each time another digest`() throws {
        let tree = try ContextTree(["a: 1000"])
        let digests = try tree.stored()
        var seen: Set<String> = []
        let path = tree.scratch["context/a"].string
        for number in 1000..<1500 {
            let file = open(path, O_WRONLY)
            defer { close(file) }
            let text = Array(String(number).utf8)
            _ = text.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
            seen.insert(try tree.fingerprint(["."], digests, jobs: 1).hex)
        }
        #expect(seen.count == 500)
    }

    @Test func `what was read in the tick in which it changed is not remembered`() throws {
        let tree = try ContextTree(["a: one"])
        let digests = try tree.stored()
        let status = try Directory.open(tree.scratch["context"]).status(of: "a")
        let digest = DigestTable.Digest(words: (1, 2, 3, 4))
        digests.remember(digest, of: status, readFrom: status.changed)
        #expect(digests.known(status) == nil)
        let later = FileStatus.Time(seconds: status.changed.seconds + 3, nanoseconds: 0)
        digests.remember(digest, of: status, readFrom: later)
        #expect(digests.known(status) == digest)
    }

    @Test func `a table is written when something is new, and only then`() throws {
        let tree = try ContextTree(["a: one", "b: two"])
        tree.settle()
        let first = try tree.stored()
        try tree.store(first)
        #expect(try tree.tables == [])
        let expected = try tree.fingerprint(["."], first)
        try tree.store(first)
        let table = try #require(try tree.tables.first)
        #expect(try content(of: table).count == 64 + 2 * 88)
        let before = try File.reading(table).status()
        let second = try tree.stored()
        #expect(try tree.fingerprint(["."], second) == expected)
        try tree.store(second)
        #expect(try File.reading(table).status() == before)
        #expect(try tree.tables == [table])
    }

    @Test func `files that another run has no use for stay known, but not for ever`() throws {
        let tree = try ContextTree(["a: one", "b: two"])
        tree.settle()
        let first = try tree.stored()
        _ = try tree.fingerprint(["b"], first)
        try tree.store(first)
        let status = try Directory.open(tree.scratch["context"]).status(of: "b")
        var written = 0
        while try tree.stored().known(status) != nil {
            try tree.run("chmod \(written % 2 == 0 ? 600 : 644) a")
            tree.settle()
            let digests = try tree.stored()
            _ = try tree.fingerprint(["a"], digests)
            try tree.store(digests)
            written += 1
            try #require(written < 100)
        }
        #expect(written == 64)
    }

    @Test func `a table that is damaged or cut off anywhere gives the right digests`() throws {
        let tree = try ContextTree(["a: one", "b: two"])
        tree.settle()
        let digests = try tree.stored()
        let expected = try tree.fingerprint(["."], digests)
        try tree.store(digests)
        let name = try #require(try tree.tables.first?.lastComponent?.string)
        let bytes = try content(of: try #require(try tree.tables.first))
        let store = try Directory.open(tree.scratch["store"])
        let purpose = try #require(Self.purpose(bytes))
        #expect(DigestTable(bytes: bytes, for: purpose)?.count == 2)
        for place in bytes.indices {
            for change: UInt8 in [1, 0x80, 0xFF] {
                var other = bytes
                other[place] ^= change
                #expect(DigestTable(bytes: other, for: purpose) == nil, "byte \(place)")
            }
            #expect(DigestTable(bytes: Array(bytes.prefix(place)), for: purpose) == nil)
            #expect(DigestTable(bytes: bytes + bytes.prefix(place + 1), for: purpose) == nil)
            guard place % 16 == 0 else { continue }
            var other = bytes
            other[place] ^= 1
            try store.replace(FileName(name.utf8), with: other)
            #expect(try tree.fingerprint(["."], tree.stored()) == expected)
        }
    }

    /// The digest in the header.
    private static func purpose(_ bytes: [UInt8]) -> DigestTable.Digest? {
        func word(_ number: Int) -> UInt64 {
            bytes[(number * 8)..<(number * 8 + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        return DigestTable.Digest(words: (word(3), word(4), word(5), word(6)))
    }

    @Test(arguments: ["a directory", "a fifo", "a link that leads nowhere", "a larger file than is read"])
    func `what is in a table's place is no error`(what: String) throws {
        let tree = try ContextTree(["a: one"])
        tree.settle()
        let digests = try tree.stored()
        let expected = try tree.fingerprint(["."], digests)
        try tree.store(digests)
        let table = try #require(try tree.tables.first).string
        unlink(table)
        switch what {
        case "a directory": mkdir(table, 0o777)
        case "a fifo": mkfifo(table, 0o666)
        case "a link that leads nowhere": symlink("nowhere", table)
        default: try File.setSize(of: table, 1 << 40)
        }
        let other = try tree.stored()
        #expect(try tree.fingerprint(["."], other) == expected)
        if what == "a directory" {
            #expect(throws: FileError.self) { try tree.store(other) }
        } else {
            try tree.store(other)
            #expect(try tree.stored().known(Directory.open(tree.scratch["context"]).status(of: "a")) != nil)
        }
    }

    @Test func `many files are found again, and a changed one is not`() throws {
        var table = DigestTable()
        let scratch = try Scratch()
        let directory = try Directory.open(scratch.path)
        var all: [FileStatus] = []
        for number in 0..<300 {
            try scratch.write("\(number)", "x")
            all.append(try directory.status(of: FileName("\(number)".utf8)))
        }
        for (number, status) in all.enumerated() {
            table.remember(status, DigestTable.Digest(words: (UInt64(number), 0, 0, 1)), limit: 299)
        }
        #expect(all.dropLast().indices.allSatisfy { table.find(all[$0])?.words.0 == UInt64($0) })
        #expect(table.find(all[299]) == nil, "there is a limit")
        try scratch.write("7", "y")
        chmod(scratch["8"].string, 0o600)
        for name: FileName in ["7", "8"] { #expect(table.find(try directory.status(of: name)) == nil) }
    }

    @Test func `threads share a table`() throws {
        let tree = try ContextTree()
        try tree.run("seq 400 | split -a 3 -l 1 - p")
        tree.settle()
        let digests = try tree.stored()
        let expected = try tree.fingerprint()
        let workers = (0..<4).map { _ in
            Worker { try (0..<5).map { _ in try tree.fingerprint(["."], digests) } }
        }
        for worker in workers { #expect(try worker.join().allSatisfy { $0 == expected }) }
    }
}

extension File {
    fileprivate static func setSize(of path: String, _ size: Int) throws {
        close(open(path, O_WRONLY | O_CREAT, 0o666))
        truncate(path, size)
    }
}

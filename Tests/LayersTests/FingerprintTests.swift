import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Layers

struct FingerprintTests {
    /// One of each kind, and some that are left out.
    static let files = [
        "a: one", "b: two", "d/c: three", "d/e/f: four", "l -> a", "m -> nowhere", "h: five", "i = h",
        "j: five",
        "x: six", "way/g: seven", "wayside/", "d/x/y: eight", "n/",
    ]

    @Test(
        "What changes the image changes the fingerprint",
        arguments: [
            "printf onE > a", "printf one1 > a", "chmod 600 a", "chmod 4755 a", "chmod 700 d", "mv a A",
            "mv d/c d/e/c",
            "mv d/e d/E", "ln -sfn b l", "ln -sfn nowhere1 m", "rm m && printf nowhere > m", "rm a",
            "touch new",
            "mkdir new", "mkfifo new", "rmdir n", "rmdir n && touch n",
            // Names of one file.
            "rm i && cp -p h i", "ln -f h j", "rm h && ln j h",
            // Directories that come along with what is in them.
            "touch wayside/f", "rm way/g", "chmod 700 way", "touch way/f",
            // Content with an old time.
            "touch -r a x && printf onE > a && touch -r x a",
        ])
    func differs(change: String) throws {
        let tree = try ContextTree(Self.files)
        tree.settle()
        let digests = try tree.stored()
        let before = try tree.fingerprint(["."], digests)
        try tree.store(digests)
        try tree.run(change)
        let after = try tree.fingerprint(["."], tree.stored())
        #expect(after != before)
        #expect(try tree.fingerprint() == after, "hashed anew it is the same")
    }

    @Test(
        "What does not change the image does not change the fingerprint",
        arguments: [
            "true", "touch a d n l", "touch -d @0 a d", "printf other > x", "rm x", "rm -r d/x",
            "touch d/x/new",
            "cp -p a x1 && mv x1 a", "touch wayside/x", "chmod 700 wayside", "rmdir wayside", "ln a x2",
            "cp -rp d x3 && rm -r d && mv x3 d", "chmod 600 x",
        ])
    func equal(change: String) throws {
        let tree = try ContextTree(Self.files)
        tree.settle()
        let digests = try tree.stored()
        let before = try tree.fingerprint(["."], digests)
        try tree.store(digests)
        try tree.run(change)
        #expect(try tree.fingerprint(["."], tree.stored()) == before)
        #expect(try tree.fingerprint() == before)
    }

    @Test(
        "Fields do not run into each other",
        arguments: [
            (["ab: c"], ["a: bc"]), (["a: b", "c: d"], ["a: d", "c: b"]), (["a/b: c"], ["a: c", "b: c"]),
            (["a/", "b/c: d"], ["a/c: d", "b/"]), (["a -> bc"], ["ab -> c"]), (["a -> b"], ["a: b"]),
            (["a: b"], ["a: b", "c:"]), ([], ["a/"]), (["a:", "b = a", "c:"], ["a:", "b:", "c = a"]),
            (["a:", "b = a", "c:", "d = c"], ["a:", "b:", "c = a", "d = b"]),
        ])
    func fields(first: [String], second: [String]) throws {
        #expect(try ContextTree(first).fingerprint() != ContextTree(second).fingerprint())
    }

    @Test(
        "A fingerprint is of what each path means, in order",
        arguments: [
            (["a"], ["b"], false), (["a", "b"], ["b", "a"], false), (["a"], ["a", "a"], false),
            (["d"], ["."], false), (["d"], ["d/"], true), (["d"], ["./d/../d"], true), (["dl"], ["d"], true),
            // A link gives the file its own name.
            (["l"], ["a"], false), (["l"], ["k/l"], true), (["h"], ["i"], false), (["d", "d"], ["d"], false),
            (["d"], ["copy"], true), (["dl/c"], ["d/c"], true), (["copy/c"], ["d/c"], true),
            (["d/e"], ["n"], false),
        ])
    func paths(first: [String], second: [String], isSame: Bool) throws {
        let tree = try ContextTree(Self.files + ["dl -> /d", "k/l: one"])
        try tree.run("cp -rp d copy")
        #expect(try (tree.fingerprint(first) == tree.fingerprint(second)) == isSame)
    }

    @Test(arguments: [("x", "an ignore file or --exclude names it"), ("none", "there is no such file")])
    func `a path that COPY refuses has no fingerprint`(path: String, reason: String) throws {
        let tree = try ContextTree(Self.files)
        #expect(throws: LayerError.source(FilePath(path), reason)) { try tree.fingerprint([path]) }
    }

    @Test func `extended attributes count where the filter keeps them`() throws {
        let tree = try ContextTree(["a: one", "d/"])
        try tree.run("setfattr -n user.a -v 1 a 2>/dev/null || exit 0")
        guard
            try !File.reading(tree.scratch["context/a"]).extendedAttributes(where: { _ in true }).filter({
                $0.name.elementsEqual("user.a".utf8)
            }).isEmpty
        else { try Test.cancel("the file system has no attributes, or setfattr is missing") }
        tree.settle()
        let digests = try tree.stored()
        var seen = [try tree.fingerprint(["."], digests)]
        try tree.store(digests)
        for change in [
            "-n user.a -v 2 a", "-n user.b -v 2 a", "-x user.a a", "-n user.a -v 1 d",
            "-n user.overlay.q -v 1 a",
        ] {
            try tree.run("setfattr \(change)")
            let now = try tree.fingerprint(["."], tree.stored())
            #expect(try now == tree.fingerprint())
            #expect(change.contains("overlay") ? seen.last == now : !seen.contains(now), "\(change)")
            seen.append(now)
        }
        // Another filter has its own table.
        let wider = try AttributeFilter(alsoKeeping: ["user.overlay.*"])
        #expect(try tree.fingerprint(["."], tree.stored(wider)) != seen.last)
    }

    @Test func `owners do not count`() throws {
        try Requirement.root()
        let tree = try ContextTree(["a: one"])
        let before = try tree.fingerprint()
        try tree.run("chown 7:8 a")
        #expect(try tree.fingerprint() == before)
    }

    @Test func `a socket is left out`() throws {
        let tree = try ContextTree(["a: one"])
        let before = try tree.fingerprint()
        let script = "import socket; socket.socket(socket.AF_UNIX).bind('s')"
        try Requirement.program("python3")
        try tree.run("python3 -c \"\(script)\"")
        #expect(try tree.fingerprint() == before)
    }

    @Test(
        arguments: [
            (300, 1...8),
            // More than a batch.
            (4_200, 2...3),
        ])
    func `any number of threads gives the same fingerprint`(files: Int, threads: ClosedRange<Int>) throws {
        let tree = try ContextTree()
        // And files of more than a group.
        try tree.run(
            "mkdir p q; seq \(files) | split -a 4 -l 1 - p/; seq 300000 > q/large; head -c 3000000 /dev/zero > q/zero"
        )
        let expected = try tree.fingerprint(jobs: 1)
        for jobs in threads { #expect(try tree.fingerprint(jobs: jobs) == expected) }
        let digests = try tree.stored()
        tree.settle()
        for _ in 1...2 { #expect(try tree.fingerprint(["."], digests) == expected) }
        try tree.run("printf other > p/aabc")
        #expect(try tree.fingerprint(["."], digests) != expected)
    }

    @Test func `entries tell which files are other ones`() throws {
        let tree = try ContextTree(Self.files)
        func notes() throws -> [String: [UInt8]] {
            var notes: [String: [UInt8]] = [:]
            _ = try tree.fingerprint(["d", "l", "n", "way", "."]) {
                notes[String(decoding: $0, as: UTF8.self)] = $1
            }
            return notes
        }
        let before = try notes()
        #expect(
            before.keys.sorted() == [
                "a", "b", "d", "d/c", "d/e", "d/e/f", "h", "i", "j", "l", "m", "n", "way", "way/g",
            ])
        #expect(before.values.allSatisfy { $0.count == 32 })
        try tree.run("printf 3 > d/c; chmod 700 n; touch b")
        let after = try notes()
        #expect(before.keys.filter { before[$0] != after[$0] }.sorted() == ["d/c", "n"])
    }

    @Test(arguments: [".", "d", "way", "a", "n"])
    func `a fingerprint is of the files that COPY takes, no others`(path: String) throws {
        let tree = try ContextTree(
            Self.files + ["d/way/e/way/f: one", "d/way/e/wayside/x: one", "d/way1/x: two"])
        try tree.run("mkfifo d/fifo; mkdir -p d/way2/k d/way3/x d/way4/way5")
        var met: [String] = []
        _ = try tree.fingerprint([path]) { path, _ in met.append(String(decoding: path, as: UTF8.self)) }
        var layer = try PlannedLayer(in: tree.scratch)
        try layer.copy(path, to: "/") { $0.verdict = ContextTree.verdict }
        let taken = try TarMember.all(of: layer.packed().blob).map(\.name)
        let prefix = ["d", "way", "n"].contains(path) ? path + "/" : ""
        let expected = taken.map { prefix + ($0.last == "/" ? String($0.dropLast()) : $0) }
        #expect(met == expected)
        #expect(path == "n" || !met.isEmpty)
    }

    @Test func `a large file that is in another thread's hands does not hold an error up`() throws {
        let tree = try ContextTree(["b/"])
        // It would take hours; nothing of it is on the disk.
        try tree.run("truncate -s 7T b/large")
        let hashing = ContentHashing(try tree.source, try ContentDigests(AttributeFilter()), jobs: 1)
        let status = try Directory.open(tree.scratch["context/b"]).status(of: "large")
        try hashing.push(
            ContentHashing.Item(directory: Array("b".utf8), name: "large", status: status, place: 0))
        hashing.end()
    }

    @Test func `a file that nobody may read is named`() throws {
        if Machine.user.id == 0 { try Test.cancel("root reads everything") }
        let tree = try ContextTree(["d/a: one"])
        try tree.run("chmod 0 d/a")
        #expect(throws: LayerError.self) { try tree.fingerprint() }
    }

    @Test func `a file that changes while it is hashed is refused`() throws {
        let tree = try ContextTree(["a: one"])
        let status = try Directory.open(tree.scratch["context"]).status(of: "a")
        tree.settle()
        try tree.run("printf two > a")
        let file = try File.reading(tree.scratch["context/a"])
        var buffer: [UInt8] = []
        #expect(throws: LayerError.changed(file.path, "its times are not what they were")) {
            _ = try ContentDigests.digest(of: file, status, AttributeFilter(), &buffer)
        }
    }
}

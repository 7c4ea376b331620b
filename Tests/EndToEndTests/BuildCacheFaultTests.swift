import Glibc
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// Caches that are damaged, full, read-only, or used by several builds at once: no build fails, and no image is wrong.
@Suite(.timeLimit(.minutes(30)))
struct BuildCacheFaultTests {
    private let site: BuildSite
    private var scratch: Scratch { site.scratch }

    init() throws {
        site = try BuildSite("FROM base\nCOPY --chown=own a.txt /bin/\nCOPY dir /dir\n")
        try site.write("a.txt", "aaaa\n")
        try site.write("dir/b.txt", String(repeating: "bbbb\n", count: 10_000))
        try site.image(
            "base",
            "mkdir -p usr/bin etc; ln -s usr/bin bin; echo own:x:7:7::/:/x > etc/passwd; echo 'own:x:7:' > etc/group"
        )
    }

    private static let flags = ["--build-context", "base=oci:base:app"]

    private func building(_ flags: [String] = [], cache: String = "cache", layout: String = "out") -> Command
    {
        site.building(Self.flags + flags, cache: cache, layout: layout)
    }

    private func build(_ flags: String..., cache: String = "cache", layout: String = "out") throws -> Built {
        let outcome = try building(flags, cache: cache, layout: layout).succeed()
        return try Built(outcome, layout: scratch[layout])
    }

    @Test(
        "what is damaged in a cache is made anew, and is whole afterwards",
        arguments: [
            ("blobs/sha256", "truncate -s -1"), ("blobs/sha256", "truncate -s 0"),
            ("blobs/sha256", "printf X | dd conv=notrunc status=none bs=1 seek=20 of="),
            ("entries", "truncate -s -1"), ("entries", "truncate -s 0"),
            ("entries", "printf X | dd conv=notrunc status=none bs=1 seek=90 of="),
            ("*listings*", "truncate -s -1"),
            ("*listings*", "printf X | dd conv=notrunc status=none bs=1 seek=70 of="),
            ("places", "truncate -s -1"), ("places", "printf '[1,2' | dd conv=notrunc status=none of="),
            ("files", "truncate -s -1"),
            ("files", "printf XXXX | dd conv=notrunc status=none bs=1 seek=40 of="),
            ("blobs/sha256", "rm -f"), ("entries", "rm -f"), ("places", "rm -f"), ("files", "rm -f"),
            ("*listings*", "rm -f"), ("blobs/sha256", "ln -sfn /etc/passwd"),
            ("entries", "ln -sfn /etc/passwd"),
            ("entries", "mkfifo $0.f; mv $0.f"),
        ])
    func damage(place: String, tool: String) throws {
        let first = try build()
        let gap = tool.hasSuffix("of=") ? "" : " "
        let line = """
            n=0; for f in cache/v1/\(place)/*; do [ -f "$f" ] || continue; n=$((n+1)); set -- "$f"; \
            \(tool)\(gap)"$f"; done; echo $n
            """
        let changed = try Command(shell: line).at(scratch.path).run()
        let cached = try Workplace.snapshot(of: site.cache)
        #expect(changed.line != "0", "nothing was damaged: \(cached)")
        let second = try build(layout: "second")
        #expect(second.digest == first.digest, "\(second.errors)")
        let third = try build(layout: "third")
        #expect(third.digest == first.digest)
        #expect(third.hits == 2 && !third.errors.contains("damaged"), "it is healed: \(third.errors)")
        #expect(try content(of: "/etc/passwd").starts(with: "root:".utf8))
    }

    @Test(arguments: ["blobs/sha256", "entries"])
    func `a damaged layer is said in a note, and is not in the image`(place: String) throws {
        let first = try build()
        let line =
            "for f in cache/v1/\(place)/*; do printf XX | dd conv=notrunc status=none bs=1 seek=99 of=$f; done"
        try Command(shell: line).at(scratch.path).succeed()
        let second = try build(layout: "second")
        #expect(
            second.errors.contains("note: the cached layer of stage-0, line 2 is damaged"), "\(second.errors)"
        )
        #expect(second.hits == 0 && second.digest == first.digest)
    }

    @Test func `an entry that another key's name is given to is not used`() throws {
        _ = try build()
        try Command(shell: "cd cache/v1/entries; set -- *; cp $1 x; cp $2 $1; mv x $2").at(scratch.path)
            .succeed()
        let second = try build(layout: "second")
        #expect(second.hits == 0, "\(second.errors)")
        #expect(try second.text("usr/bin/a.txt") == "aaaa\n")
    }

    @Test func `an entry whose layer's name would lead out of the cache is not used`() throws {
        _ = try build()
        let line = """
            for f in cache/v1/entries/*; do tail -n +2 $f | sed 's,"digest":"sha256:[0-9a-f]*","digest":"sha256:../../../../../../etc/passwd",' > body
            (printf 'sha256:%s\\n' $(sha256sum < body | cut -c1-64); cat body) > $f; done; rm body
            """
        try Command(shell: line).at(scratch.path).succeed()
        let second = try build(layout: "second")
        #expect(try second.hits == 0 && second.text("usr/bin/a.txt") == "aaaa\n", "\(second.errors)")
    }

    @Test func `a cache that may only be read is read`() throws {
        let first = try build()
        try Command(["chmod", "-R", "a-w", site.cache.string]).succeed()
        defer { _ = try? Command(["chmod", "-R", "u+w", site.cache.string]).run() }
        let before = try Workplace.snapshot(of: site.cache)
        let second = try build("--cache-read-only", layout: "second")
        #expect(second.hits == 2 && second.digest == first.digest, "\(second.errors)")
        #expect(try Workplace.snapshot(of: site.cache) == before)
        try site.write("a.txt", "new\n")
        // In a namespace of his own a plain user may write to whatever is his.
        let third = try build("--isolation", "none", layout: "third")
        #expect(try third.text("usr/bin/a.txt") == "new\n")
        if Machine.user.id != 0 { #expect(third.errors.contains("note: "), "\(third.errors)") }
    }

    @Test(arguments: ["/dev/null", "/proc/none", "file", "link"])
    func `a cache that cannot be made is noted once`(place: String) throws {
        try scratch.write("file", "x")
        try Command(["ln", "-s", "/nowhere/else", scratch["link"].string]).succeed()
        let built = try build(cache: place)
        #expect(try built.text("usr/bin/a.txt") == "aaaa\n")
        let notes = built.errors.split(separator: "\n").filter {
            $0.contains("cache") && $0.hasPrefix("note: ")
        }
        #expect(notes.count == 1, "\(built.errors)")
    }

    @Test func `a cache on a full file system is noted once, and the image is whole`() throws {
        try Requirement.root()
        try scratch.directory("small")
        let mounted = try Command(["mount", "-t", "tmpfs", "-o", "size=64k", "t", scratch["small"].string])
            .run()
        guard mounted.status == 0 else { try Test.cancel("no mounts here: \(mounted.errors)") }
        defer { _ = try? Command(["umount", "-l", scratch["small"].string]).run() }
        try Command(shell: "head -c 1000000 /dev/urandom > ctx/dir/big").at(scratch.path).succeed()
        let built = try build(cache: "small/cache")
        let notes = built.errors.split(separator: "\n").filter { $0.hasPrefix("note: ") }
        #expect(notes.count == 1 && notes[0].contains("No space left"), "\(built.errors)")
        #expect(try built.members().first { $0.name == "dir/big" }?.size == 1_000_000)
        let cold = try build("--no-cache", "--cache-read-only", layout: "cold")
        #expect(cold.digest == built.digest)
        #expect(try Directory.open(scratch["tmp"]).names() == [])
    }

    @Test func `without a home nothing is cached, and that is noted`() throws {
        let words = ["build", "ctx", "-o", "oci:out:app", "--no-provenance"] + Self.flags
        let outcome = try site.varve(words, ["HOME="]).succeed()
        #expect(outcome.errors.contains("layers are not cached"), "\(outcome.errors)")
        let other = try site.varve(words, ["VARVE_CACHE_DIR=\(scratch["mine"])"]).succeed()
        #expect(other.line == outcome.line && Machine.exists(scratch["mine/v1"]))
        let home = try site.varve(words).succeed()
        #expect(home.line == outcome.line && Machine.exists(scratch["home/.cache/varve/v1"]))
    }

    @Test func `four builds at once with one cache are all right, while it is listed and pruned`() throws {
        let expected = try build(cache: "other", layout: "expected").digest
        let workers = (0..<4).map { number in
            Worker { () -> [String] in
                try (0..<5).map { turn in
                    try building(cache: "cache", layout: "out\(number)-\(turn)").succeed().line
                }
            }
        }
        let pruner = Worker {
            for _ in 0..<10 {
                try site.varve(["cache", "list", "--cache-dir", "cache", "-q"]).succeed()
                try site.varve(["cache", "prune", "--all", "--cache-dir", "cache", "-q"]).succeed()
            }
        }
        for worker in workers { #expect(try worker.join().allSatisfy { $0 == expected }) }
        try pruner.join()
        let last = try build(layout: "last")
        #expect(last.digest == expected)
        #expect(try Command(shell: "find cache -name '*.tmp*'").at(scratch.path).succeed().output == [])
    }
}

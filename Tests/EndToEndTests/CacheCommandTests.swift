import Cryptography
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// `varve cache`, on a cache that is written here as its layout's description says.
@Suite(.timeLimit(.minutes(30)))
struct CacheCommandTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func digest(_ bytes: [UInt8]) throws -> Digest {
        var sha256 = try SHA256()
        sha256.update(bytes.span)
        return Digest(sha256: sha256.finish())
    }

    /// A layer and its entry.
    private func add(_ instruction: String, _ content: String) throws -> Digest {
        let (key, layer) = (try digest(Array(instruction.utf8)), try digest(Array(content.utf8)))
        let entry = """
            {"version":"varve cache 1","key":"\(key.hex)","instruction":"\(instruction)","platform":"linux/amd64",\
            "layer":{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"\(layer)",\
            "size":\(content.utf8.count)},"diffID":"\(layer)","uncompressedSize":10,"entries":1}
            """
        try scratch.write("cache/v1/blobs/sha256/\(layer.hex)", content)
        try scratch.write("cache/v1/entries/\(key.hex)", "\(digest(Array(entry.utf8)))\n\(entry)")
        try Command(["chmod", "-R", "go-w", scratch["cache"].string]).succeed()
        return key
    }

    private func varve(_ words: String...) -> Command {
        Command([Command.varvePath.string, "cache"] + words + ["--cache-dir", scratch["cache"].string])
    }

    @Test func `list prints a line a layer, with what a Dockerfile says escaped`() throws {
        let key = try add("RUN make \\u001b[31m", String(repeating: "x", count: 1500))
        try scratch.write("cache/v1/entries/\(String(repeating: "0", count: 64))", "damaged")
        let outcome = try varve("list").succeed()
        let line = outcome.text
        #expect(line.hasPrefix("\(key.hex.prefix(12))  1.5 kB    20"), "\(line)")
        #expect(line.hasSuffix("linux/amd64   RUN make \\x1b[31m\n") && !line.contains("\u{1B}"), "\(line)")
        #expect(outcome.errors.contains("1 layer; the cache takes"))
        let json = try JSONValue(parsing: varve("list", "--json", "-q").succeed().output.dropLast(1) + [])
        #expect(json["key"]?.string == "\(key)" && json["size"]?.int64 == 1500)
        #expect(json["instruction"]?.string == "RUN make \u{1B}[31m")
    }

    @Test func `prune keeps what was used last, and says what is gone`() throws {
        let old = try add("RUN old", String(repeating: "o", count: 5000))
        try Command(shell: "find '\(scratch["cache"])' -type f -exec touch -d '9 days ago' {} +").succeed()
        let new = try add("RUN new", String(repeating: "n", count: 5000))
        #expect(try varve("prune").succeed().errors == "removed 0 files, 0 B\n")
        #expect(try varve("prune", "--older-than", "7d").succeed().errors.hasPrefix("removed 2 files, 5."))
        let left = try varve("list", "--json", "-q").succeed().text
        #expect(left.contains(new.hex) && !left.contains(old.hex))
        #expect(try varve("prune", "--keep-size", "1kB").succeed().errors.hasPrefix("removed 2 files, "))
        _ = try add("RUN new", "n")
        #expect(try varve("prune", "--all").succeed().errors.hasPrefix("removed 2 files, "))
        #expect(try varve("list").succeed().output == [])
    }

    @Test func `prune waits for another process that uses the cache, list does not`() throws {
        try Requirement.program("flock")
        _ = try add("RUN old", "o")
        let home = scratch["cache/v1"]
        let build = Worker { try Command(["flock", "-s", home.string, "sleep", "2"]).succeed() }
        Machine.sleep(milliseconds: 500)
        let started = Machine.ticks
        #expect(try varve("list").succeed().errors.hasPrefix("1 layer"))
        #expect(Machine.ticks - started < 1_000_000_000)
        #expect(try varve("prune", "--all").succeed().errors.hasPrefix("removed 2 files"))
        #expect(Machine.ticks - started > 1_000_000_000)
        _ = try build.join()
    }

    @Test(
        "a wrong use has status 2",
        arguments: [
            ["prune", "--keep-size", "much"], ["prune", "--older-than", "7"],
            ["prune", "--all", "--keep-size", "1"],
        ])
    func wrongUse(words: [String]) throws {
        let outcome = try Command([Command.varvePath.string, "cache"] + words).run()
        #expect(outcome.status == 2 && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    @Test func `a cache that others can write to is not looked at`() throws {
        _ = try add("RUN old", "o")
        try Command(["chmod", "g+w", scratch["cache"].string]).succeed()
        let outcome = try varve("list").run()
        #expect(outcome.status == 2 && outcome.errors.contains("others may write to it"))
    }
}

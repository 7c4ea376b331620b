import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// `varve build --plan`.
@Suite(.timeLimit(.minutes(30)))
struct BuildPlanTests {
    private let site: BuildSite
    private var scratch: Scratch { site.scratch }

    init() throws {
        site = try BuildSite(
            """
            FROM scratch AS unneeded
            COPY a.txt /
            FROM scratch AS one
            COPY a.txt /
            LABEL x=y
            FROM scratch
            COPY --from=one a.txt /from/
            COPY dir /dir
            """)
        try site.write("a.txt", "a\n")
        try site.write("dir/b.txt", "b\n")
    }

    private func plan(_ flags: String...) throws -> Command.Outcome {
        try site.varve(["build", "ctx", "--plan", "--cache-dir", "cache"] + flags).succeed()
    }

    /// The plan as JSON, by lines of the Dockerfile.
    private func outcomes() throws -> [Int64: (outcome: String, reason: String)] {
        let json = try JSONValue(parsing: plan("--json").output)
        var found: [Int64: (outcome: String, reason: String)] = [:]
        for stage in json["stages"]?.array ?? [] {
            for step in stage["instructions"]?.array ?? [] {
                found[step["line"]?.int64 ?? 0] = (
                    step["outcome"]?.string ?? "", step["reason"]?.string ?? ""
                )
            }
        }
        return found
    }

    @Test func `a plan writes nothing anywhere, before a build and after one`() throws {
        let empty = try Workplace.snapshot(of: scratch.path)
        _ = try plan()
        _ = try plan("--json", "-o", "oci:out:app", "--no-cache")
        #expect(try Workplace.snapshot(of: scratch.path) == empty)
        try site.build()
        try site.write("a.txt", "new\n")
        let built = try Workplace.snapshot(of: scratch.path)
        _ = try plan("-o", "oci:out:other", "-t", "127.0.0.1:1/x:1")
        #expect(try Workplace.snapshot(of: scratch.path) == built)
    }

    @Test func `what is cached and what changed stands in the plan, and a build does as it says`() throws {
        #expect(try outcomes()[4]?.outcome == "build")
        #expect(try outcomes()[7]?.outcome == "unknown")
        try site.build()
        var now = try outcomes()
        #expect([4, 7, 8].allSatisfy { now[$0]?.outcome == "cached" } && now[5]?.outcome == "configuration")
        #expect(now[2] == nil, "nothing needs that stage")
        try site.write("dir/b.txt", "new\n")
        try site.write("dir/c.txt", "c\n")
        now = try outcomes()
        #expect(now[4]?.outcome == "cached" && now[7]?.outcome == "cached")
        #expect(now[8]?.outcome == "build")
        #expect(
            now[8]?.reason == "files changed: b.txt, c.txt"
                || now[8]?.reason == "files changed: dir/b.txt, dir/c.txt")
        let text = try plan().text
        #expect(text.contains("one  FROM scratch  linux/"))
        #expect(text.contains("skipped, for nothing needs it: unneeded\n"))
        #expect(
            text.contains("8  build     COPY dir /dir\n") && text.contains("because files changed: "),
            "\(text)")
        let built = try site.build()
        #expect(built.hits == 2 && built.misses.count == 1, "\(built.errors)")
    }

    @Test func `a base in a registry is named by its digest, and none of its blobs is fetched`() throws {
        let registry = try FaultyRegistry()
        let base = try site.image("base", "echo base > motd")
        try site.varve(["push", base, "\(registry.host)/base:1", "-q"]).succeed()
        try site.write("Dockerfile", "FROM \(registry.host)/base:1\nLABEL a=b\nCOPY --link a.txt /\n")
        let mark = registry.mark
        let json = try JSONValue(parsing: plan("--json").output)
        let digest = try Command(shell: "grep -o 'sha256:[0-9a-f]*' base/index.json").at(scratch.path)
            .succeed().line
        #expect(json[path: "stages.0.baseDigest"]?.string == digest)
        #expect(json[path: "stages.0.base"]?.string == "\(registry.host)/base:1")
        let blobs = registry.exchanges.dropFirst(mark).filter { $0.path.contains("/blobs/") }
        #expect(blobs.count <= 1, "the configuration alone: \(blobs)")
        #expect(registry.exchanges.dropFirst(mark).allSatisfy { ["GET", "HEAD"].contains($0.method) })
    }

    @Test(arguments: [["--json"], ["--plan", "--push"]])
    func `flags that contradict each other are refused`(flags: [String]) throws {
        let outcome = try site.varve(["build", "ctx", "-o", "oci:out:app"] + flags).run()
        #expect(outcome.status == 2, "\(outcome.errors)")
    }
}

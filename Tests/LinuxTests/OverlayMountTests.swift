import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Linux

/// Overlays that this process mounts itself: in its own mount namespace, which the trial enters.
struct OverlayMountTests {
    private let scratch: Scratch

    init() throws {
        try Requirement.isolation(.namespaces)
        scratch = try Scratch()
    }

    @Test func `the probe says that it works, or why not, and leaves nothing`() throws {
        let outcome = try trial("overlay", scratch.path.string).succeed()
        #expect(outcome.line == "works")
        #expect(try Directory.open(scratch.path).names() == [])
    }

    @Test func `a directory that is an overlay itself takes no changes`() throws {
        try Requirement.root()
        for name in ["lower", "upper", "work", "merged"] { try scratch.directory(name) }
        let script = """
            cd "$0" && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged && "$@"
            """
        let outcome = try trial("overlay", scratch["merged"].string).behind(
            "unshare", "-m", "sh", "-c", script, scratch.path.string
        ).run()
        #expect(outcome.line == "mount: Invalid argument" && outcome.status == 0)
    }

    @Test func `without a namespace of its own a plain user gets none, and is told`() throws {
        guard Machine.user.id != 0 else { try Test.cancel("root may mount") }
        #expect(try OverlayMount.obstacle(in: scratch.path) == "mount: Operation not permitted")
        #expect(try Directory.open(scratch.path).names() == [])
    }

    @Test func `a hundred layers by short names, changes aside, nothing mounted outside`() throws {
        for number in 0..<100 { try scratch.write("l/\(number)/file\(number)", "\(number)") }
        try scratch.write("l/0/same", "upper")
        try scratch.write("l/1/same", "lower")
        for name in ["upper", "work", "merged"] { try scratch.directory(name) }
        let outcome = try trial("overlay", scratch.path.string, "100").succeed()
        #expect(outcome.line == "101 upper")
        #expect(try text(of: scratch["upper/new"]) == "new")
        let mounts = try content(of: "/proc/self/mounts")
        #expect(!mounts.split(separator: 32).contains { $0.starts(with: scratch.path.bytes) })
        #expect(try Directory.open(scratch["merged"]).names() == [])
    }

    @Test func `paths that do not fit a page are refused`() throws {
        let long = FilePath(String(repeating: "x", count: 200))
        #expect(throws: FileError("mount", scratch["merged"], .argListTooLong)) {
            _ = try OverlayMount(
                lower: Array(repeating: long, count: 30), upper: "upper", work: "work", at: "merged",
                in: scratch.path)
        }
    }
}

import TestSupport
import Testing

@testable import Build

struct GitCheckoutTests {
    private let commit = String(repeating: "0a", count: 20)

    @Test func `a branch's commit is found from a directory below`() throws {
        let scratch = try Scratch()
        try scratch.write(".git/HEAD", "ref: refs/heads/main\n")
        try scratch.write(".git/refs/heads/main", commit + "\n")
        try scratch.write(
            ".git/config", "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = https://example.com/a.git\n")
        let checkout = try #require(GitCheckout(around: scratch.directory("deep/rootfs")))
        #expect(checkout.commit == commit)
        #expect(checkout.branch == "main")
        #expect(checkout.remote == "https://example.com/a.git")
    }

    @Test func `a packed ref is found`() throws {
        let scratch = try Scratch()
        try scratch.write(".git/HEAD", "ref: refs/heads/feature/x\n")
        try scratch.write(".git/packed-refs", "# pack-refs with: peeled\n\(commit) refs/heads/feature/x\n")
        let checkout = try #require(GitCheckout(around: scratch.path))
        #expect(checkout.commit == commit)
        #expect(checkout.branch == "feature/x")
    }

    @Test func `a worktree's pointer is followed`() throws {
        let scratch = try Scratch()
        try scratch.write("main/.git/worktrees/w/HEAD", commit + "\n")
        try scratch.write("main/.git/worktrees/w/commondir", "../..\n")
        try scratch.write("w/.git", "gitdir: \(scratch["main/.git/worktrees/w"])\n")
        let checkout = try #require(GitCheckout(around: scratch["w"]))
        #expect(checkout.commit == commit)
        #expect(checkout.branch == nil)
    }

    @Test(arguments: [
        "ref: ../../../etc/passwd", "ref: refs/heads/../../x", "", "nonsense", "ref: refs/heads/gone",
    ])
    func `a HEAD that leads nowhere gives no commit`(head: String) throws {
        let scratch = try Scratch()
        try scratch.write(".git/HEAD", head + "\n")
        #expect(GitCheckout(around: scratch.path) == nil)
    }
}

import Linux
import SystemPackage
import TestSupport
import Testing

/// Places that nothing can or may be written to: rows A27, A28 and A39 of the table of faults.
struct FaultsInOutputTests {
    @Test(
        "A28: a root file system that is none",
        arguments: [
            ("missing", "cannot open SCRATCH/missing: No such file or directory"),
            ("tree/etc/motd", "SCRATCH/tree/etc/motd is no directory"),
            ("fifo", "SCRATCH/fifo is no directory"),
        ])
    func root(name: String, message: String) throws {
        let work = try Workplace()
        try Command(["mkfifo", work.scratch["fifo"].string]).succeed()
        try work.expectRefusal(
            of: Command.varve("pack", work.scratch[name].string, "-o", "oci:\(work.layout):new"),
            saying: message.replacing("SCRATCH", with: work.scratch.path.string))
    }

    @Test func `A28: an empty directory is an image without files`() throws {
        let work = try Workplace()
        try work.scratch.directory("empty")
        let output = "oci:\(work.layout):empty"
        try Command.varve("pack", work.scratch["empty"].string, "-o", output, "-q").succeed()
        #expect(try Command(["skopeo", "inspect", output]).run().status == 0)
    }

    @Test func `A27: a root that is a link to a directory is that directory`() throws {
        let work = try Workplace()
        try Command(["ln", "-s", "tree", work.scratch["link"].string]).succeed()
        let direct = try work.pack().succeed().line
        let linked = try Command.varve(
            "pack", work.scratch["link"].string, "-o", "oci:\(work.layout):new", "-q"
        ).succeed().line
        #expect(linked == direct)
    }

    @Test(
        "A39: an output within the tree is refused, by whatever way it leads there",
        arguments: [
            ["-o", "oci:tree:t"], ["-o", "oci:tree/out:t"], ["-o", "oci:tree/a/b/out:t"],
            ["-o", "oci:link/out:t"], ["-o", "oci:tree/etc/../out:t"], ["-o", "oci:work/../tree/out:t"],
            ["-o", "oci:missing/../tree/out:t"], ["-o", "oci:missing/more/../../tree/out:t"],
            ["-o", "oci:work/missing/../../link/out:t"],
            ["-o", "oci:out:t", "--provenance", "tree/provenance.json"],
            ["-o", "oci:out:t", "--digest-file", "link/digest"],
            ["-o", "oci:out:t", "--image-name-with-digest-file", "tree/usr/name"],
            ["-o", "oci:out:t", "--metadata-file", "missing/../tree/metadata"],
        ])
    func outputInTree(flags: [String]) throws {
        let work = try Workplace()
        try Command(["ln", "-s", "tree", work.scratch["link"].string]).succeed()
        let before = try Workplace.snapshot(of: work.scratch.path)
        let words = [Command.varvePath.string, "pack", "tree"] + flags
        let outcome = try Command(words).at(work.scratch.path).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("lies within tree, which is packed"))
        #expect(try Workplace.snapshot(of: work.scratch.path) == before)
    }

    @Test(
        "A place where no layout can be",
        arguments: [
            ("tree/etc/motd/out", "Not a directory"), ("work/file", "Not a directory"),
            ("work/dangling", "No such file or directory"),
            ("work/dangling/out", "No such file or directory"),
            ("/proc/none/out", "No such file or directory"),
            ("work/full", "holds something else than an OCI image layout"),
            ("new/deep/" + String(repeating: "n", count: 256), "File name too long"),
        ])
    func noPlace(path: String, message: String) throws {
        let work = try Workplace()
        try work.scratch.write("work/file")
        try work.scratch.write("work/full/file")
        try Command(["ln", "-s", "/nowhere/at/all", work.scratch["work/dangling"].string]).succeed()
        let place = path.hasPrefix("/") ? FilePath(path) : work.scratch[path]
        let command = Command([
            "timeout", "-s", "KILL", "30", Command.varvePath.string, "pack",
            work.tree.appending("usr").string,
            "-o", "oci:\(place):t",
        ])
        try work.expectRefusal(of: command, saying: message)
        #expect((try? Directory.open(work.scratch["new"])) == nil)
    }

    @Test(
        "A result file that cannot be written leaves the layout as it was",
        arguments: ["--digest-file", "--image-name-with-digest-file", "--metadata-file", "--provenance"],
        ["/proc/none/file", "/proc/self/file", "work/dangling/file", "tree/etc", "/"])
    func resultFile(flag: String, path: String) throws {
        let work = try Workplace()
        try Command(["ln", "-s", "/nowhere/at/all", work.scratch["work/dangling"].string]).succeed()
        let place = path.hasPrefix("/") ? path : work.scratch[path].string
        let command = Command([
            "timeout", "-s", "KILL", "30", Command.varvePath.string, "pack",
            work.tree.appending("usr").string,
            "-o", "oci:\(work.layout):new", "-q", flag, place,
        ])
        try work.expectRefusal(of: command, saying: "varve: cannot ")
    }

    @Test func `A failed pack into a new place removes every directory that it made`() throws {
        let work = try Workplace()
        try work.scratch.write("tree/.wh.file")
        let command = Command.varve(
            "pack", work.tree.string, "-o", "oci:\(work.scratch["work"])/new/deep/layout:t", "--digest-file",
            work.scratch["work/results/deep/digest"].string)
        try work.expectRefusal(of: command, saying: "is named like a whiteout")
    }

    @Test func `A way to the layout that needs a new directory stays open afterwards`() throws {
        let work = try Workplace()
        let output = "oci:\(work.scratch["work"])/made/../image:t"
        try Command.varve("pack", work.tree.string, "-o", output, "-q").succeed()
        #expect(try Command.varve("inspect", output).run().status == 0)
    }
}

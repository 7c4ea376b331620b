import Linux
import SystemPackage
import TestSupport
import Testing

/// Trees with odd or hostile content: rows of part A of the table of faults, as each test names them.
struct FaultsInTreeTests {
    @Test func `A1: files that may not be read are named, ten at most`() throws {
        let work = try Workplace()
        for number in 10...21 { try work.scratch.write("tree/secret/\(number)") }
        try Command(shell: "chmod a-r '\(work.tree)/secret'/*").succeed()
        try Command(shell: "chmod -R a+rwX '\(work.scratch["work"])'").succeed()
        let names = (10...19).map { "\(work.tree)/secret/\($0)" }.joined(separator: ", ")
        try work.expectRefusal(of: work.pack().asPlainUser(), saying: "cannot read \(names) and more; ")
    }

    @Test(
        "A2: a directory that may not be read or searched is named",
        arguments: [("0111", "secret;"), ("0444", "secret/file;"), ("0000", "secret;")])
    func unreadableDirectory(mode: String, named: String) throws {
        let work = try Workplace()
        try work.scratch.write("tree/secret/file")
        try Command(["chmod", mode, work.tree.appending("secret").string]).succeed()
        defer { _ = try? Command(["chmod", "0755", work.tree.appending("secret").string]).run() }
        try Command(shell: "chmod -R a+rwX '\(work.scratch["work"])'").succeed()
        let named = mode == "0444" ? "secret" : named
        try work.expectRefusal(of: work.pack().asPlainUser(), saying: "cannot read \(work.tree)/\(named)")
    }

    @Test func `A9: a fifo is archived as one, and never opened`() throws {
        let work = try Workplace()
        try Command(["mkfifo", work.tree.appending("pipe").string]).succeed()
        #expect(try work.listing().contains { $0.hasPrefix("p") && $0.hasSuffix(" pipe") })
    }

    @Test func `A10: a socket is left out, and counted`() throws {
        let work = try Workplace()
        try Command(["python3", "-c", "import socket,sys; socket.socket(socket.AF_UNIX).bind('socket')"])
            .at(work.tree).succeed()
        let command = Command.varve("pack", work.tree.string, "-o", "oci:\(work.layout):new")
        #expect(try command.succeed().errors.contains("left out 1 socket, the first is \(work.tree)/socket"))
    }

    @Test func `A11: devices keep their numbers`() throws {
        try Requirement.root()
        let work = try Workplace()
        try Command(["mknod", work.tree.appending("zero").string, "c", "1", "5"]).succeed()
        #expect(try work.listing().contains { $0.hasPrefix("c") && $0.contains("1,5") })
    }

    @Test func `A14: many files, and A13: many in one directory, need no more memory`() throws {
        let work = try Workplace()
        let count = Requirement.isLongRun ? 100_000 : 20_000
        try Command(shell: "mkdir many && cd many && seq -f file-%.0f \(count) | xargs touch").at(work.tree)
            .succeed()
        let peak = try work.peakMemory(of: work.pack("--jobs", "2"))
        #expect(peak < 96 << 10, "\(peak) KiB")
    }

    @Test func `A12: a large hole costs neither memory nor reads`() throws {
        let work = try Workplace()
        let size = Requirement.isLongRun ? "4G" : "256M"
        try Command(["truncate", "-s", size, work.tree.appending("hole").string]).succeed()
        let peak = try work.peakMemory(of: work.pack("--jobs", "2"))
        #expect(peak < 96 << 10, "\(peak) KiB")
    }

    @Test func `A15, A18, A19, A20: names are bytes, kept as they are`() throws {
        let work = try Workplace()
        let long = String(repeating: "n", count: 255)
        let names = [
            Array(long.utf8), Array("line\nbreak\ttab \"quote\" back\\slash".utf8), [0x66, 0xff, 0xfe],
            Array("e\u{301}".utf8), Array("\u{e9}".utf8), Array("Case".utf8), Array("case".utf8),
            [0x1b, 0x5b],
        ]
        let directory = try Directory.open(work.tree)
        for name in names { _ = try directory.createFile(FileName(name)) }
        try work.pack().succeed()
        try work.scratch.directory("unpacked")
        try Command(["bsdtar", "-xf", try work.layer().string, "-C", work.scratch["unpacked"].string])
            .with("LC_ALL", "C.UTF-8").succeed()
        let unpacked = try Directory.open(work.scratch["unpacked"]).names()
        #expect(Set(names.map { FileName($0) }).subtracting(unpacked) == [])
    }

    @Test func `A16, A17: a deep path, longer than the kernel takes at once, is packed`() throws {
        let work = try Workplace()
        let depth = Requirement.isLongRun ? 1500 : 400
        let script =
            "import os\nfor n in range(\(depth)):\n os.mkdir('directory-ab'); os.chdir('directory-ab')\nopen('leaf','w').close()"
        try Command(["python3", "-c", script]).at(work.tree).succeed()
        try work.pack().succeed()
        let last = try Command(shell: "bsdtar -tf '\(try work.layer())' | grep -c '/directory-ab/'").succeed()
            .line
        #expect(last == "\(depth)")
    }

    @Test("A21: a name of a whiteout is refused", arguments: [".wh.foo", ".wh..wh..opq", ".wh."])
    func whiteout(name: String) throws {
        let work = try Workplace()
        try work.scratch.write("tree/etc/\(name)")
        try work.expectRefusal(of: work.pack(), saying: "\(work.tree)/etc/\(name) is named like a whiteout")
    }

    @Test func `A22: of hard links the first in order is the file, the others lead to it`() throws {
        let work = try Workplace()
        try work.scratch.write("tree/z", "linked")
        try work.scratch.directory("tree/a")
        try Command(["ln", "z", "a/b"]).at(work.tree).succeed()
        try Command(["ln", "z", "y"]).at(work.tree).succeed()
        let links = try work.listing().filter { $0.hasSuffix(" link to a/b") }
        #expect(links.count == 2)
    }

    @Test func `A23: equal inode numbers of two file systems are two files`() throws {
        try Requirement.root()
        let work = try Workplace()
        let script = """
            mkdir m n && mount -t tmpfs tmpfs m && mount -t tmpfs tmpfs n
            for d in m n; do echo $d >$d/one; ln $d/one $d/two; done
            test $(stat -c %i m/one) = $(stat -c %i n/one) && exec "$@"
            """
        try Command(
            ["unshare", "-m", "bash", "-ec", script, "-", Command.varvePath.string, "pack", ".", "-o"]
                + ["oci:\(work.layout):new", "-q", "--no-provenance"]
        ).at(work.tree).succeed()
        let layer = try work.layer()
        let listing = try Command(["bsdtar", "-tvf", layer.string]).succeed().text
        #expect(listing.contains("n/two link to n/one"))
        #expect(try Command(["bsdtar", "-xOf", layer.string, "n/one"]).succeed().line == "n")
    }

    @Test func `A24: a hard link to a file outside of the tree is a file`() throws {
        let work = try Workplace()
        try work.scratch.write("outside", "content")
        try Command(["ln", "outside", "tree/inside"]).at(work.scratch.path).succeed()
        try work.pack().succeed()
        let text = try Command(["bsdtar", "-xOf", try work.layer().string, "inside"]).succeed().line
        #expect(text == "content")
    }

    @Test func `A25: what is mounted within the tree is packed`() throws {
        try Requirement.root()
        let work = try Workplace()
        let script = "mkdir m && mount -t tmpfs tmpfs m && touch m/within && exec \"$@\""
        try Command(
            ["unshare", "-m", "bash", "-ec", script, "-", Command.varvePath.string, "pack", ".", "-o"]
                + ["oci:\(work.layout):new", "-q", "--no-provenance"]
        ).at(work.tree).succeed()
        let listing = try Command(["bsdtar", "-tf", try work.layer().string]).succeed().text
        #expect(listing.contains("m/within\n"))
    }

    @Test(
        "A26: the target of a link is kept as it stands",
        arguments: ["/absolute", "dangling", "self", "../../../up", String(repeating: "t", count: 4095)])
    func linkTarget(target: String) throws {
        let work = try Workplace()
        try Command(["ln", "-s", target, "self"]).at(work.tree).succeed()
        #expect(try work.listing().contains { $0.hasSuffix(" self -> \(target)") })
    }

    @Test func `A29: setuid, setgid and sticky are kept`() throws {
        let work = try Workplace()
        try work.scratch.write("tree/tool")
        try Command(["chmod", "7755", work.tree.appending("tool").string]).succeed()
        #expect(try work.listing().contains { $0.hasPrefix("-rwsr-sr-t") && $0.hasSuffix(" tool") })
    }
}

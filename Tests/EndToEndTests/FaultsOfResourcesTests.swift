import Linux
import SystemPackage
import TestSupport
import Testing

/// Disks, limits and streams that give out: row H of the table of faults.
struct FaultsOfResourcesTests {
    /// Packs into a small file system of its own, and says what was left there.
    ///
    /// The layout holds an image already, where that fits in.
    private func onSmallDisk(_ options: String, _ work: Workplace, script: String) throws -> Command.Outcome {
        let prelude = """
            mount -t tmpfs -o \(options) tmpfs '\(work.scratch["work"])'
            cd '\(work.scratch["work"])'
            pack() { "$VARVE" pack '\(work.tree)' -q "$@"; }
            list() { find . ! -name .lock -printf '%P %y %s\\n' | sort; }
            """
        return try Command(["unshare", "-m", "bash", "-c", prelude + "\n" + script])
            .with("VARVE", Command.varvePath.string).run()
    }

    @Test(
        "H1, H13: a full disk is an error at whatever stage, and leaves the old image as it was",
        arguments: [4, 8, 12, 16, 20, 28, 36, 60])
    func fullDisk(kibibytesFree: Int) throws {
        try Requirement.root()
        let work = try Workplace(withProvenance: true)
        try Command(shell: "head -c 20K /dev/urandom >random").at(work.tree).succeed()
        let outcome = try onSmallDisk(
            "size=1m", work,
            script: """
                pack -o oci:out:old >/dev/null
                date >'\(work.tree)/etc/motd'; head -c 20K /dev/urandom >'\(work.tree)/random'
                free=$(df -k --output=avail . | tail -1)
                head -c $((free - \(kibibytesFree)))K /dev/zero >filler
                before=$(list)
                pack -o oci:out:new --digest-file results/digest 2>errors.txt 3>&1 >/dev/null; status=$?
                rm -f errors.txt.old; mv errors.txt /dev/shm/errors.$$ 2>/dev/null; cat /dev/shm/errors.$$ >&2
                rm /dev/shm/errors.$$
                if test $status = 0; then test -s results/digest && echo fits
                elif test "$before" = "$(list)"; then echo $status unchanged; else echo "$before"; list; fi
                "$VARVE" inspect oci:out:old >/dev/null && echo old
                """)
        #expect(["1 unchanged\nold\n", "fits\nold\n"].contains(outcome.text))
        #expect(outcome.text.hasPrefix("fits") || outcome.errors.contains("No space left on device"))
    }

    @Test("H2: a disk without inodes is an error that leaves nothing", arguments: 2...12)
    func noInodes(count: Int) throws {
        try Requirement.root()
        let work = try Workplace()
        let outcome = try onSmallDisk(
            "nr_inodes=\(count)", work,
            script: """
                before=$(list); pack -o oci:new/out:t >/dev/null; status=$?
                if test $status = 0; then echo fits
                elif test "$before" = "$(list)"; then echo $status unchanged; else list; fi
                """)
        #expect(["1 unchanged\n", "fits\n"].contains(outcome.text))
        #expect(outcome.text == "fits\n" || outcome.errors.contains("No space left on device"))
    }

    @Test func `H3: a disk that may only be read is an error, and reading from it works`() throws {
        try Requirement.root()
        let work = try Workplace()
        let outcome = try onSmallDisk(
            "size=1m", work,
            script: """
                pack -o oci:out:old >/dev/null; mount -o remount,ro .
                pack -o oci:out:new; echo $?
                pack -o oci:other:new; echo $?
                "$VARVE" inspect oci:out:old >/dev/null; echo $?
                """)
        #expect(outcome.text == "1\n1\n0\n")
        #expect(outcome.errors.split(separator: "\n").allSatisfy { $0.contains("Read-only file system") })
    }

    @Test func `H3: a limit on file sizes is an error, not a signal`() throws {
        let work = try Workplace()
        try Command(shell: "head -c 100K /dev/urandom >random").at(work.tree).succeed()
        try work.expectRefusal(
            of: work.pack().behind("bash", "-c", "ulimit -f 50 && exec \"$0\" \"$@\""),
            saying: "File too large")
    }

    @Test func `H3: the place of temporary files does not matter`() throws {
        let work = try Workplace()
        let outcome = try work.pack().with("TMPDIR", "/proc/none").run()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test(
        "H6: few file descriptors are an error or enough", arguments: [5, 6, 8, 10, 12, 16, 20, 24, 32, 64])
    func descriptors(limit: Int) throws {
        let work = try Workplace()
        let command = work.pack().behind("bash", "-c", "ulimit -n \(limit) && exec \"$0\" \"$@\"")
        let before = try work.snapshot()
        let outcome = try command.run()
        // Below that, no program of this kind starts: its libraries cannot be opened.
        #expect([0, 1, 127].contains(outcome.status), "\(outcome.errors)")
        #expect(try outcome.status == 0 || work.snapshot() == before)
        #expect(outcome.status == 0 || outcome.errors.contains("open files"))
    }

    @Test func `H7: half a gigabyte of address space is enough`() throws {
        let work = try Workplace()
        let outcome = try work.pack("--jobs", "2").behind(
            "bash", "-c", "ulimit -v 524288 && exec \"$0\" \"$@\""
        ).run()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test("H8: a limit on processes is an error that says what to do", arguments: [1, 2, 3, 4])
    func processes(limit: Int) throws {
        try Requirement.root()
        let work = try Workplace()
        try Command(shell: "chmod -R a+rwX '\(work.scratch["work"])'").succeed()
        // A user of its own: the limit counts all processes of a user.
        let drop =
            "ulimit -u \(limit) && exec setpriv --reuid=47811 --regid=47811 --clear-groups -- \"$0\" \"$@\""
        let command = Command([
            "bash", "-c", drop, Command.varvePath.string, "pack", work.tree.string, "-o",
            "oci:\(work.layout):new", "-q", "--jobs", "8",
        ])
        try work.expectRefusal(of: command, saying: "cannot start a thread: Resource temporarily unavailable")
    }

    @Test func `H9: without /proc, a home or a PATH varve packs the same image`() throws {
        try Requirement.root()
        let work = try Workplace()
        let digest = try work.pack().succeed().line
        let script = "umount -l /proc && exec env -i SWIFT_BACKTRACE=enable=no \"$0\" \"$@\""
        let without = try Command([
            "unshare", "-m", "bash", "-c", script, Command.varvePath.string, "pack", work.tree.string, "-o",
            "oci:\(work.layout):new", "-q",
        ]).run()
        #expect(without.line == digest, "\(without.errors)")
    }

    @Test(
        "H9: closed streams do no harm",
        arguments: [("0<&-", Int32(0)), ("2>&-", 0), ("1>&-", 1), ("0<&- 1>&- 2>&-", 1)])
    func closedStreams(closing: String, status: Int32) throws {
        let work = try Workplace()
        let command = work.pack().behind("bash", "-c", "exec \"$0\" \"$@\" \(closing)")
        #expect(try command.run().status == status)
        #expect(try Command.varve("inspect", "oci:\(work.layout):new").run().status == 0)
    }

    @Test(
        "H10: results that nobody gets are an error",
        arguments: [
            ["pack", "TREE", "-o", "oci:LAYOUT:new"], ["inspect", "oci:LAYOUT:old"],
            ["inspect", "--json", "oci:LAYOUT:old"], ["digest", "TREE/etc/motd"], ["--help"], ["--version"],
        ])
    func fullStream(words: [String]) throws {
        let work = try Workplace()
        let words = words.map {
            $0.replacing("TREE", with: work.tree.string).replacing("LAYOUT", with: work.layout.string)
        }
        let outcome = try Command([Command.varvePath.string] + words)
            .behind("bash", "-c", "exec \"$0\" \"$@\" >/dev/full").run()
        #expect(outcome.status == 1)
    }
}

import Linux
import SystemPackage
import TestSupport
import Testing

/// An archive that cannot be finished leaves the old one: rows H and I of the table of faults.
struct FaultsInArchiveOutputTests {
    private let work: Workplace
    private var archive: FilePath { work.scratch["work/app.tar"] }

    init() throws {
        work = try Workplace(withProvenance: true)
        try pack().succeed()
        try Command(shell: "head -c 300K /dev/urandom >random").at(work.tree).succeed()
    }

    private func pack(under trace: [String] = [], _ flags: String...) -> Command {
        Command(
            ["timeout", "-s", "KILL", "60"] + trace + [
                Command.varvePath.string, "pack", work.tree.string, "-q", "-o",
                "oci-archive:\(work.scratch["work"])/app.tar:x",
            ] + flags)
    }

    @Test(
        "I3: killed at whichever call, the old archive survives and the next run sweeps",
        arguments: [
            ("write", [1, 2, 3]), ("fsync", [1, 2, 3, 4]), ("renameat", [1, 2]), ("openat", [5, 20, 40]),
            ("unlinkat", [1]), ("pread64", [1, 2]),
        ])
    func kill(call: String, numbers: [Int]) throws {
        try Requirement.program("strace")
        for number in numbers {
            let trace = ["strace", "-f", "-qq", "-o", work.scratch["trace"].string]
            let injection = ["-e", "trace=\(call)", "-e", "inject=\(call):signal=SIGKILL:when=\(number)"]
            _ = try pack(under: trace + injection).run()
            let shown = try Command.varve("inspect", "oci-archive:\(archive)").run()
            #expect(shown.status == 0, "\(number): \(shown.errors)")
            try pack().succeed()
            let left = try Workplace.snapshot(of: work.scratch["work"]).filter {
                $0.contains(".varve-") || $0.contains(".tmp-")
            }
            #expect(left == [], "\(number)")
        }
    }

    @Test(
        "I1: a signal leaves the archive and the layout as they were, whenever it comes",
        arguments: [("write", 3), ("pread64", 2), ("fsync", 1), ("renameat", 1)])
    func signal(call: String, number: Int) throws {
        try Requirement.program("strace")
        let before = try work.snapshot()
        let trace = ["strace", "-f", "-qq", "-o", work.scratch["trace"].string]
        let injection = ["-e", "trace=\(call)", "-e", "inject=\(call):signal=SIGTERM:when=\(number)"]
        let outcome = try pack(under: trace + injection, "-o", "oci:\(work.layout):new").run()
        if outcome.status != 0 {
            #expect(outcome.status == 143, "\(outcome.errors)")
            #expect(try work.snapshot() == before)
        }
    }

    @Test(
        "H4: an error of any call leaves all outputs as they were",
        arguments: [
            ("fsync", "EIO"), ("write", "EIO"), ("write", "ENOSPC"), ("renameat", "EIO"), ("pread64", "EIO"),
        ],
        1...6)
    func callFails(call: (name: String, errno: String), number: Int) throws {
        try Requirement.program("strace")
        let before = try work.snapshot()
        let trace = ["strace", "-f", "-qq", "-o", work.scratch["trace"].string]
        let injection = [
            "-e", "trace=\(call.name)", "-e", "inject=\(call.name):error=\(call.errno):when=\(number)",
        ]
        let outcome = try pack(
            under: trace + injection, "-o", "oci:\(work.layout):new", "--log-format", "json"
        ).run()
        // 127: the libraries themselves could not be read.
        #expect([0, 1, 127].contains(outcome.status), "\(outcome.errors)")
        if outcome.status == 1, call.name != "renameat" {
            #expect(
                try work.snapshot().filter { !$0.contains(".provenance") }
                    == before.filter { !$0.contains(".provenance") })
        }
        #expect(try Command.varve("inspect", "oci-archive:\(archive)").run().status == 0)
    }

    @Test("H1: a full disk leaves the old archive", arguments: [100, 320, 400, 640, 660, 700])
    func fullDisk(kibibytes: Int) throws {
        try Requirement.root()
        let script = """
            mount -t tmpfs -o size=2m tmpfs '\(work.scratch["work"])' && cd '\(work.scratch["work"])'
            mkdir small && "$VARVE" pack small -q -o oci-archive:app.tar:x >/dev/null && rmdir small
            head -c $(($(df -k --output=avail . | tail -1) - \(kibibytes)))K /dev/zero >filler
            before=$(sha256sum *; ls -A)
            "$VARVE" pack '\(work.tree)' -q -o oci-archive:app.tar:x >/dev/null 2>/dev/shm/errors.$$; status=$?
            cat /dev/shm/errors.$$ >&2; rm /dev/shm/errors.$$
            if test $status = 0; then echo fits
            elif test "$before" = "$(sha256sum *; ls -A)"; then echo $status unchanged; else ls -A; fi
            """
        let outcome = try Command(["unshare", "-m", "bash", "-c", script])
            .with("VARVE", Command.varvePath.string).run()
        #expect(["1 unchanged\n", "fits\n"].contains(outcome.text), "\(outcome.errors)")
        #expect(outcome.text == "fits\n" || outcome.errors.contains("No space left on device"))
    }

    @Test func `I4: a reader of standard output that went away is an error, and nothing else is published`()
        throws
    {
        let before = try work.snapshot()
        let outcome = try Command(
            shell: """
                "$VARVE" pack '\(work.tree)' -q -o oci-archive:- -o 'oci:\(work.layout):new' | head -c 100 >/dev/null
                exit ${PIPESTATUS[0]}
                """
        ).with("VARVE", Command.varvePath.string).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors == "varve: cannot write standard output: Broken pipe\n")
        #expect(try work.snapshot() == before)
    }

    @Test(
        "I1: a signal ends the wait for a reader that does not come or does not read",
        arguments: ["fifo", "-"])
    func stalledReader(file: String) throws {
        let outcome = try Command(
            shell: """
                mkfifo fifo pipe; exec 3<>pipe
                timeout -s KILL 30 "$VARVE" pack tree -q -o oci-archive:\(file) >&3 & sleep 1
                kill -TERM $(pgrep -P $!)
                wait $!
                """
        ).with("VARVE", Command.varvePath.string).at(work.scratch.path).run()
        #expect(outcome.status == 143, "\(outcome.errors)")
        #expect(outcome.errors == "varve: interrupted by Terminated\n")
    }

    @Test func `H9, H10: a closed or full standard output is an error`() throws {
        for target in [">&-", ">/dev/full"] {
            let outcome = try Command(shell: "\"$VARVE\" pack '\(work.tree)' -q -o oci-archive:- \(target)")
                .with("VARVE", Command.varvePath.string).run()
            #expect(outcome.status == 1)
        }
    }

    @Test(
        "H3: the layer lies beside the archive on its way, and nowhere else",
        arguments: ["oci-archive:app.tar", "oci-archive:-"])
    func spool(output: String) throws {
        let outcome = try Command(
            shell:
                "strace -f -qq -e trace=openat -o trace \"$VARVE\" pack tree -q -o \(output) >/dev/null; grep O_EXCL trace"
        ).with("VARVE", Command.varvePath.string).with("TMPDIR", "/nowhere").at(work.scratch.path).run()
        #expect(outcome.text.contains("O_EXCL"))
        #expect(!outcome.text.contains("/nowhere"))
    }

    @Test(
        "A28, A39: an archive in a place where none can be",
        arguments: [
            ("tree/app.tar", "lies within tree"), ("work", "Is a directory"), ("tree", "lies within tree"),
            ("/proc/none/app.tar", "No such file or directory"), ("work/app.tar/b.tar", "Not a directory"),
        ])
    func noPlace(path: String, message: String) throws {
        let before = try Workplace.snapshot(of: work.scratch.path)
        let outcome = try Command([
            Command.varvePath.string, "pack", "tree", "-q", "-o", "oci:work/layout:new", "-o",
            "oci-archive:\(path)",
        ]).at(work.scratch.path).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(try Workplace.snapshot(of: work.scratch.path) == before)
    }
}

import Linux
import SystemPackage
import TestSupport
import Testing

/// Disks, processes and streams that give out while programs of a Dockerfile run: row H of the table of faults.
struct RunResourceTests {
    private let work: RunWorkplace

    init() throws { work = try RunWorkplace() }

    /// Runs a build to which a directory is a small file system of its own, which must be empty afterwards.
    private func build(
        _ dockerfile: String, on directory: String, _ options: String, isolation: String? = nil
    ) throws -> Command.Outcome {
        try Requirement.root()
        var work = work
        work.isolation = isolation
        let place = work.site.scratch[directory]
        let script = """
            mkdir -p "$0" && mount -t tmpfs -o \(options) tmpfs "$0" && "$@"; code=$?
            test -z "$(find "$0" -name '.varve-scratch-*' -o -name '.tmp-*')" || echo left behind >&2; exit $code
            """
        return try work.building(dockerfile).behind("unshare", "-m", "bash", "-c", script, place.string).run()
    }

    @Test(
        "H1: a disk that a program fills is its error, and is emptied", arguments: ["namespaces", "chroot"])
    func full(isolation: String) throws {
        let outcome = try build(
            "FROM base\nRUN dd if=/dev/zero of=/big bs=1M count=100", on: "tmp", "size=16m",
            isolation: isolation)
        #expect(outcome.status == 1 && outcome.errors.contains("No space left on device"))
        #expect(!outcome.errors.contains("left behind"))
    }

    @Test("H2: a disk without inodes is an error, and is emptied", arguments: ["namespaces", "chroot"])
    func inodes(isolation: String) throws {
        for (count, words) in [(200, "cannot create"), (700, "sh: can't create")] {
            let outcome = try build(
                "FROM base\nRUN i=0; while [ $i -lt 1000 ]; do : > /tmp/$i || exit 3; i=$((i+1)); done",
                on: "tmp", "nr_inodes=\(count)", isolation: isolation)
            #expect(outcome.status == 1 && outcome.errors.contains("No space left on device"))
            #expect(outcome.errors.contains(words) && !outcome.errors.contains("left behind"))
        }
    }

    @Test func `H1: a cache that is full fails no build`() throws {
        let outcome = try build(
            "FROM base\nRUN head -c 5000000 /dev/urandom > /big", on: "cache", "size=3m,mode=0700")
        #expect(outcome.status == 0 && outcome.errors.contains("note: nothing more goes into the cache"))
        #expect(!outcome.errors.contains("left behind"))
        let built = try Built(outcome, layout: work.site.scratch["out"])
        #expect(try built.members().map(\.content.count) == [5_000_000])
    }

    @Test("H7: memory does not grow with the files", arguments: ["namespaces", "chroot"])
    func manyFiles(isolation: String) throws {
        if isolation == "chroot" { try Requirement.root() }
        try Requirement.unsanitizedMemory()
        var work = work
        work.isolation = isolation
        let memory = try Workplace().peakMemory(
            of: work.building("FROM base\nRUN mkdir /many; cd /many; seq 100000 | xargs touch"))
        #expect(memory < 128 << 10)
    }

    @Test func `H7: memory does not grow with what a program says, however slow its reader is`() throws {
        try Requirement.unsanitizedMemory()
        // A reader that takes its time holds the program up.
        let script = "\"$@\" >/dev/null 2> >(sleep 2; exec cat >/dev/null)"
        let build = try work.building(
            "FROM base\nRUN head -c 20000000 /dev/zero | tr '\\0' x | fold -w 4000")
        let memory = try Workplace().peakMemory(of: build.behind("bash", "-c", script, "bash"))
        #expect(memory < 128 << 10)
    }

    @Test func `H8: a program may start many processes, and not all that there are`() throws {
        let output = try work.output("FROM base\nRUN ulimit -u; cat /proc/self/cgroup")
        let limit = try #require(output.first.flatMap { Int($0) })
        #expect(limit <= 32_768)
        if output.contains(where: { $0.contains(":pids:/") }) {
            #expect(output.contains { $0.contains("/varve-") } || !Sandbox.canLimitRoot)
        }
    }

    @Test(arguments: [
        ("exec 0<&- 1>&- 2>&-; echo x; touch /kept; true", "kept"),
        ("test \"$(cat | wc -c)\" = 0 && touch /kept", "kept"),
        ("(exec 1>&- 2>&-; sleep 600) & touch /kept", "kept"),
        ("mkdir /d; cd /d; rmdir /d; touch /kept", "kept"),
        ("rm -f /bin/sh /bin/busybox 2>/dev/null; true", "usr/bin/.wh.busybox"),
    ])
    func `a program that takes its own ground away has run all the same`(script: String, name: String) throws
    {
        let built = try work.built("FROM base\nRUN " + script)
        #expect(try built.members().map(\.name).contains(name))
    }

    @Test(arguments: ["namespaces", "chroot"])
    func `an image whose root is closed stays so`(isolation: String) throws {
        if isolation == "chroot" { try Requirement.root() }
        var work = work
        work.isolation = isolation
        let built = try work.built("FROM base\nRUN chmod 0700 /\nRUN touch /more")
        let modes = try built.members(-2).map { "\($0.name) \($0.mode & 0o7777)" }
        #expect(modes == ["./ 448"] || modes == [". 448"] || modes == [" 448"])
    }
}

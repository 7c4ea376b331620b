import Linux
import SystemPackage
import TestSupport
import Testing

/// What a program may do wrong, and what the user is told.
struct RunFaultTests {
    private let work: RunWorkplace

    init() throws { work = try RunWorkplace() }

    @Test(arguments: [
        ("RUN exit 7", "exit status 7"),
        ("RUN echo one; echo two >&2; false", "it wrote last:"),
        ("RUN kill -9 $$", "signal 9"),
        ("RUN kill -TERM $$", "signal 15"),
        (#"RUN ["none"]"#, "no directory of PATH has none"),
        (#"RUN ["/etc/motd"]"#, "cannot run /etc/motd: Permission denied"),
        (#"RUN ["/etc"]"#, "cannot run /etc: Permission denied"),
        ("RUN none-such", "exit status 127"),
        (#"SHELL ["/bin/none", "-c"]"# + "\nRUN true", "the image has no /bin/none"),
        ("USER none\nRUN true", "no user none"),
        ("USER 0:none\nRUN true", "no group none"),
        ("RUN --security=insecure true", "--security=insecure"),
        ("RUN --mount=type=tmpfs,target=/ true", "nothing can be mounted on /"),
        ("RUN rm /bin/sh\nRUN true", "the image has no /bin/sh"),
        ("RUN printf x > /bin/x; chmod 755 /bin/x\nRUN [\"/bin/x\"]", "a script begins with #!"),
    ])
    func `a program that fails is an error with its line`(instructions: String, words: String) throws {
        let line = 1 + instructions.split(separator: "\n").count
        try work.refuse("FROM base\n" + instructions, saying: "Dockerfile: line \(line), ", words)
    }

    @Test func `an image for another machine says what is missing`() throws {
        let other = Machine.hardware == "aarch64" ? "linux/amd64" : "linux/arm64"
        try work.site.image("foreign", "printf '\\177ELFx' > sh; chmod 755 sh", "--platform", other)
        try work.refuse(
            "FROM foreign\nRUN [\"/sh\"]",
            ["--build-context", "foreign=oci:foreign:app", "--platform", other],
            saying: "line 2", "binfmt_misc")
    }

    @Test func `no directory and no shell is no mystery`() throws {
        try work.refuse(
            "FROM scratch\nRUN true", saying: "line 2", "no /bin/sh", "JSON array")
    }

    @Test func `what a program leaves behind ends with it`() throws {
        let mark = "varve-left-\(UInt64.random(in: .min ... .max))"
        let output = try work.output(
            """
            FROM base
            RUN (setsid sh -c 'exec -a \(mark) sleep 600' >/dev/null 2>&1 &) ; sh -c 'trap "" TERM INT; sleep 600' & echo over
            """)
        #expect(output == ["over"])
        #expect(try Command(["pgrep", "-f", "a \(mark)"]).run().text == "")
    }

    @Test(arguments: [
        "kill -9 1; kill -9 -1; echo alive", "kill -TERM 1; echo alive",
        "(sleep 0.1; echo alive) & exec 0<&- ; wait", "mkdir /d; cd /d; rmdir /d; echo alive",
        "chmod 0700 /; echo alive", "exec 2>&-; echo alive",
    ])
    func `a program may do as it likes to itself`(script: String) throws {
        #expect(try work.output("FROM base\nRUN " + script).last == "alive" || script.contains("-9 -1"))
    }

    @Test func `much output is passed on, and little of it kept`() throws {
        let lines = try work.output(
            "FROM base\nRUN yes | head -c 1000000; head -c 100000 /dev/zero | tr '\\0' x")
        #expect(lines.count == 500_000 + 13 && lines.prefix(500_000).allSatisfy { $0 == "y" })
    }

    @Test func `what is written to the kernel's files stays out`() throws {
        let lines = try work.output(
            """
            FROM base
            RUN for f in /proc/sys/kernel/hostname /proc/sysrq-trigger /sys/kernel/mm/transparent_hugepage/enabled; do \
                (echo x > $f) 2>/dev/null && echo written $f; done; echo x > /dev/mine && rm /dev/mine; \
                test ! -s /proc/kcore && test -z "$(ls /sys/firmware)" && echo hidden
            """)
        #expect(lines == ["hidden"])
    }

    @Test func `a full disk is said to be one`() throws {
        try Requirement.root()
        try Command(["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", work.site.scratch["tmp"].string])
            .succeed()
        defer { _ = try? Command(["umount", "-l", work.site.scratch["tmp"].string]).run() }
        let outcome = try work.building("FROM base\nRUN dd if=/dev/zero of=/big bs=1M count=100").run()
        #expect(
            outcome.status == 1 && outcome.errors.contains("No space left on device"), "\(outcome.errors)")
    }
}

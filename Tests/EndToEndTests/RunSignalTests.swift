import Linux
import SystemPackage
import TestSupport
import Testing

/// Signals and deaths while programs of a Dockerfile run: row I of the table of faults.
struct RunSignalTests {
    /// What stands among the arguments of every process of a program, and of nobody else.
    private let mark = "varve-mark-\(UInt64.random(in: .min ... .max))"

    /// A program that leaves a daemon, and one that will not be asked to end.
    private static let programs = [
        "(setsid sh -c 'sleep 600; : MARK' &) ; echo up; sleep 600; : MARK",
        "trap '' TERM INT HUP; echo up; while :; do sleep 1; : MARK; done",
    ]

    private func workplace(_ isolation: String?) throws -> RunWorkplace {
        if isolation == "chroot" || isolation == "outer-proc" { try Requirement.root() }
        return try RunWorkplace(isolation: isolation)
    }

    /// Makes an image that no build that fails may touch.
    private func makeOld(_ work: RunWorkplace) throws -> [String] {
        _ = try work.built("FROM base\nRUN echo old > /old")
        return try Workplace.snapshot(of: work.site.scratch["out"])
    }

    // Begins a build, and runs lines of bash once a program says `up`: $build is the build's parent there, $varve the
    // build; its errors go to the file `errors`. What comes back is what the lines print, and the build's status.
    private func build(
        _ program: String, _ lines: String, in work: RunWorkplace, waitingFor word: String = "| up"
    ) throws -> Command.Outcome {
        let script = """
            set +m; word=$1; shift; "$@" >/dev/null 2>errors & build=$!
            for i in $(seq 1200); do
                grep -qsF -- "$word" errors && break; kill -0 $build 2>/dev/null || break; sleep 0.05
            done
            varve=$(pgrep -P $build); \(lines)
            wait $build
            """
        return try work.building("FROM base\nRUN " + program.replacing("MARK", with: mark))
            .behind("bash", "-c", script, "bash", word).run()
    }

    private func errors(_ work: RunWorkplace) throws -> String {
        String(decoding: try content(of: work.site.scratch["errors"]), as: UTF8.self)
    }

    /// Whether no process of the program is left, once the kernel has had its time.
    private func isGone() throws -> Bool {
        // Who looks has it in no argument of its own.
        let line = "for i in $(seq 100); do pgrep -f $MARK >/dev/null || exit 0; sleep 0.05; done; exit 1"
        return try Command(shell: line).with("MARK", mark).run().status == 0
    }

    private func isClean(_ work: RunWorkplace) throws -> Bool {
        let mounts = try content(of: "/proc/self/mounts")
        return try Directory.open(work.site.scratch["tmp"]).names() == []
            && !String(decoding: mounts, as: UTF8.self).contains(work.site.scratch.path.string)
    }

    @Test(
        "I1, I9: a signal ends programs, whatever they think of it, and leaves all as it was",
        arguments: [
            ("namespaces", 0, "INT", Int32(130)), ("namespaces", 1, "TERM", 143),
            ("outer-proc", 1, "INT", 130),
            ("outer-proc", 0, "HUP", 129), ("chroot", 0, "TERM", 143), ("chroot", 1, "INT", 130),
        ])
    func signal(isolation: String, program: Int, name: String, status: Int32) throws {
        let work = try workplace(isolation)
        let before = try makeOld(work)
        let outcome = try build(Self.programs[program], "kill -\(name) $varve", in: work)
        #expect(outcome.status == status)
        #expect(try errors(work).hasSuffix("\nvarve: interrupted by \(Interruption.name(name))\n"))
        #expect(try isGone() && isClean(work))
        #expect(try Workplace.snapshot(of: work.site.scratch["out"]) == before)
    }

    @Test func `I2: a second signal ends at once, and the next build sweeps`() throws {
        let work = try workplace(nil)
        let before = try makeOld(work)
        let lines = "kill -TERM $varve; sleep 0.5; kill -TERM $varve; cut -d' ' -f1 /proc/uptime"
        let outcome = try build(Self.programs[1], lines + "; wait $build; echo $?; exit 0", in: work)
        #expect(outcome.text.hasSuffix("\n143\n"))
        // It had no time to say so.
        #expect(try !errors(work).contains("interrupted") && isGone())
        #expect(try Workplace.snapshot(of: work.site.scratch["out"]) == before)
        _ = try work.built("FROM base\nRUN echo new > /new")
        #expect(try isClean(work))
    }

    @Test(
        "I3, I7: who kills varve leaves no program and no mount, and the next build sweeps",
        arguments: ["namespaces", "outer-proc", "chroot"], 0...1)
    func kill(isolation: String, program: Int) throws {
        let work = try workplace(isolation)
        let before = try makeOld(work)
        #expect(try build(Self.programs[program], "kill -KILL $varve", in: work).status == 137)
        #expect(try isGone())
        #expect(try !Directory.open(work.site.scratch["tmp"]).names().isEmpty)
        #expect(try Workplace.snapshot(of: work.site.scratch["out"]) == before)
        _ = try work.built("FROM base\nRUN echo new > /new")
        #expect(try isClean(work))
    }

    @Test func `I10: a program that somebody kills is an error of its own`() throws {
        let work = try workplace(nil)
        let program = "echo up; exec sh -c 'sleep 600; : MARK'"
        let outcome = try build(program, "pkill -KILL -f '[v]\(mark.dropFirst())'", in: work)
        #expect(outcome.status == 1)
        #expect(try errors(work).contains("signal 9"))
        #expect(try isClean(work))
    }

    @Test func `I7: a build whose parent dies goes on`() throws {
        let work = try workplace(nil)
        let lines = """
            kill -KILL $build; for i in $(seq 600); do test -e out/index.json && break; sleep 0.05; done
            for i in $(seq 100); do kill -0 $varve 2>/dev/null || break; sleep 0.05; done; echo over; exit 0
            """
        #expect(try build("echo up; sleep 0.5", lines, in: work).text == "over\n")
        #expect(try isClean(work) && Machine.exists(work.site.scratch["out/index.json"]))
    }

    @Test func `I4: a signal counts also while nobody reads what programs say`() throws {
        let work = try workplace(nil)
        let script = """
            mkfifo pipe; exec 3<>pipe; "$@" >/dev/null 2>pipe 3>&- & build=$!
            for i in $(seq 1200); do
                varve=$(pgrep -P $build) && grep -qs pipe_write /proc/$varve/task/*/wchan && break
                grep -qs poll /proc/$varve/wchan && sleep 1 && break; sleep 0.05
            done
            kill -TERM $varve; wait $build
            """
        let outcome = try work.building("FROM base\nRUN yes \(mark)").behind("bash", "-c", script, "bash")
            .run()
        #expect(outcome.status == 143)
        #expect(try isGone() && isClean(work))
    }

    @Test(
        "I1: a signal at whatever call ends the build and leaves nothing, or comes too late",
        arguments: [
            ("mkdirat", 1...4), ("symlinkat", 1...300), ("mount", 1...3), ("clone", 1...2),
            ("fchownat", 1...9),
            ("umount2", 1...2), ("renameat", 1...4), ("getdents64", 1...9), ("unlinkat", 1...5),
            ("utimensat", 1...9),
        ])
    func call(name: String, numbers: ClosedRange<Int>) throws {
        try Requirement.program("strace")
        let work = try RunWorkplace()
        let before = try makeOld(work)
        let number = numbers.randomElement() ?? 1
        let outcome = try work.building("FROM base\nRUN mkdir /d; echo \(mark) > /d/f; rm /etc/motd").behind(
            "strace", "-f", "-o", "/dev/null", "-e", "trace=\(name)", "-e",
            "inject=\(name):signal=SIGTERM:when=\(number)"
        ).run()
        // Each thread counts its own calls: a second signal that comes late kills at once.
        guard outcome.status != 0, outcome.errors.contains("varve: ") else { return }
        // What is the sandbox's own call is the sandbox's own signal.
        #expect(
            outcome.status == 143 || outcome.status == 1 && !outcome.errors.contains("interrupted"),
            "\(number): \(outcome.errors)")
        #expect(try isClean(work), "\(number): \(outcome.errors)")
        #expect(try Workplace.snapshot(of: work.site.scratch["out"]) == before, "\(number)")
    }

    // MARK: Other stages

    @Test(arguments: ["sleep 600; : MARK", "trap '' TERM; while :; do sleep 1; : MARK; done"])
    func `a stage that fails ends the programs of others`(program: String) throws {
        let work = try workplace(nil)
        let program = program.replacing("MARK", with: mark)
        try work.refuse(
            """
            FROM base AS long
            RUN --mount=type=cache,target=/c touch /c/begun; \(program)
            FROM base AS failing
            RUN --mount=type=cache,target=/c while ! test -e /c/begun; do sleep 0.05; done; exit 7
            FROM base
            COPY --from=long /etc /a
            COPY --from=failing /etc /b
            """, saying: "line 4, ", "exit status 7")
        #expect(try isGone())
    }

    @Test func `a stage that fails ends the waiting for what another build has`() throws {
        let work = try workplace(nil)
        let holder = "--mount=type=cache,id=x,sharing=locked,target=/c echo up; sleep 600; : MARK"
        let second = """
            mkdir other; printf '%s\\n' 'FROM base AS waiting' \
                'RUN --mount=type=cache,id=x,sharing=locked,target=/c true' 'FROM base AS failing' 'RUN exit 7' \
                'FROM base' 'COPY --from=waiting /etc /a' 'COPY --from=failing /etc /b' > other/Dockerfile
            words=("$@"); for i in "${!words[@]}"; do
                case ${words[i]} in ctx) words[i]=other;; oci:out:app) words[i]=oci:second:app;; esac
            done
            timeout 60 "${words[@]}" 2>&1 >/dev/null | grep -o 'exit status 7'; kill -TERM $varve
            """
        let outcome = try build(holder, second, in: work)
        #expect(outcome.text == "exit status 7\n")
        #expect(outcome.status == 143)
        #expect(try isGone() && isClean(work))
    }
}

extension Interruption {
    /// How a signal is called in messages.
    fileprivate static func name(_ name: String) -> String {
        ["INT": "Interrupt", "TERM": "Terminated", "HUP": "Hangup"][name] ?? name
    }
}

import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// What a program of a build sees of the machine and of varve: nothing.
@Suite(.serialized) struct RunWallTests {
    private let work: RunWorkplace
    private var site: BuildSite { work.site }
    private static let secret = "p4ssw0rd-of-the-builder"

    init() throws { work = try RunWorkplace() }

    private func rung(_ isolation: Isolation) -> Rung {
        Rung(isolation: isolation, builder: Machine.user.id == 0 ? .root : .plain)
    }

    private func output(
        _ dockerfile: String, _ isolation: Isolation, _ flags: String..., variables: [String] = []
    ) throws -> [String] {
        let command = try rung(isolation).building(dockerfile, in: work, flags, variables: variables)
        return try RunWorkplace.lines(command.succeed().errors)
    }

    // MARK: What is handed down

    @Test(arguments: [Isolation.namespaces, .chroot])
    func `a program has nothing of varve's but three streams`(isolation: Isolation) throws {
        try site.scratch.write("docker/config.json", #"{"auths": {"localhost": {"auth": "YTpi"}}}"#)
        let lines = try output(
            """
            FROM base
            RUN for n in 3 4 5 6 7 8 9 10 11 12 20; do (: >&$n) 2>/tmp/e && echo $n; (: <&$n) 2>/tmp/e && echo $n; done; \\
                ls /proc/self/fd 2>/tmp/e | wc -l; rm /tmp/e; env | cut -d = -f 1 | sort | tr '\\n' ' '
            """, isolation,
            variables: [
                "COSIGN_PASSWORD=\(Self.secret)", "VARVE_PASSWORD=\(Self.secret)",
                "DOCKER_CONFIG=\(site.scratch["docker"])", "SSH_AUTH_SOCK=/none",
                "GITHUB_TOKEN=\(Self.secret)",
            ])
        // The fourth is the directory that is listed.
        #expect(lines == [isolation == .chroot ? "0" : "4", "HOME PATH PWD SHLVL "])
    }

    @Test func `root has Docker's capabilities, and none for the machine's network; other users have none`()
        throws
    {
        try Requirement.root()
        let ask =
            "RUN grep -E '^(Cap(Inh|Eff|Bnd|Amb)|NoNewPrivs)' /proc/self/status | cut -f 2 | tr '\\n' ' '"
        let (none, all, most) = ("0000000000000000", "00000000a80425fb", "00000000a80405fb")
        for (flags, all, refused) in [
            ([], most, "0"), (["--no-new-privileges"], most, "1"), (["--network", "none"], all, "0"),
        ] {
            let command = try work.building("FROM base\n\(ask)\nUSER app\n\(ask)", flags)
            let lines = try RunWorkplace.lines(command.succeed().errors)
            #expect(
                lines == [
                    "\(none) \(all) \(all) \(none) \(refused) ", "\(none) \(none) \(all) \(none) \(refused) ",
                ])
        }
    }

    @Test func `root of a user namespace keeps what it can do there only`() throws {
        let builder = Machine.user.id == 0 ? Rung.Builder.subordinate : .plain
        let ask = "FROM base\nRUN grep ^CapEff /proc/self/status | cut -f 2"
        let command = try Rung(isolation: .namespaces, builder: builder).building(ask, in: work)
        #expect(try RunWorkplace.lines(command.succeed().errors) == ["00000000a80425fb"])
    }

    @Test(arguments: Rung.each)
    func `the kernel's keys are nobody's here`(rung: Rung) throws {
        for (number, call) in SystemCall.keys.enumerated() {
            try call.write(to: site.scratch["ctx/call\(number)"])
        }
        let command = try rung.building(
            "FROM base\nCOPY call* /\nRUN for n in /call?; do $n 2>/dev/null; echo $?; done", in: work)
        let lines = try RunWorkplace.lines(command.succeed().errors)
        // A kernel may have no 32-bit programs at all.
        #expect(lines.count == SystemCall.keys.count && lines.allSatisfy { ["1", "139"].contains($0) })
    }

    @Test(arguments: Rung.each.filter { $0.isolation.hasMounts })
    func `a link where /proc goes shows it nowhere else`(rung: Rung) throws {
        try site.scratch.directory("ctx/l")
        for (name, target) in [("proc", "/"), ("sys", "/"), ("dev", "/"), ("proc", "tmp")] {
            let link = site.scratch["ctx/l/\(name)"]
            symlink(target, link.string)
            let command = try rung.building("FROM base\nCOPY l /\nRUN ls /../sys/kernel", in: work)
            try site.expectRefusal(
                of: command, saying: ["line 3", "/\(name): it is a symbolic link in the image"])
            unlink(link.string)
        }
    }

    @Test(arguments: Rung.each)
    func `nothing is mounted on the root by a link to it`(rung: Rung) throws {
        let command = try rung.building(
            "FROM base\nRUN ln -s / /up\nRUN --mount=type=tmpfs,target=/up true", in: work)
        try site.expectRefusal(of: command, saying: ["line 3", "mount", "/up"])
    }

    @Test func `set-user-ID programs make root unless new privileges are refused`() throws {
        try Requirement.root()
        let dockerfile = """
            FROM base
            RUN sed -i 's/^root:x:/root::/' /etc/passwd && chmod 4755 /usr/bin/busybox
            USER app
            RUN su -c 'id -u' 2>&1 || true
            """
        #expect(try work.output(dockerfile) == ["0"])
        #expect(try work.output(dockerfile, "--no-new-privileges") != ["0"])
    }

    @Test func `the first process shows neither program, environment nor root`() throws {
        let lines = try output(
            """
            FROM base
            RUN cat /proc/1/exe /proc/1/environ /proc/1/mem /proc/1/maps 2>/dev/null | wc -c; \\
                cat /proc/1/root/etc/motd /proc/1/cwd/etc/motd /proc/1/fd/* 2>/dev/null | wc -c; \\
                tr '\\0' ' ' < /proc/1/cmdline | grep -c varve; for name in exe root cwd; do readlink /proc/1/$name; done; \\
                set -- /proc/[0-9]*; test $# -lt 9 && echo alone
            """, .namespaces, variables: ["COSIGN_PASSWORD=\(Self.secret)"])
        #expect(lines == ["0", "0", "0", "alone"])
    }

    // MARK: The machine

    @Test func `the machine's devices are not the program's to change`() throws {
        try Requirement.root()
        try Requirement.program("mknod")
        // Devices that are nobody's but this test's.
        let script = """
            here=$PWD; mount --make-rprivate / && mount -t tmpfs tmpfs "$0" && cd "$0" || exit 99
            for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
                name=${device%%:*}; numbers=${device#*:}
                mknod -m 666 $name c ${numbers%:*} ${numbers#*:} && mount --bind $name /dev/$name || exit 99
            done
            stat -c '%n %a %u %Y' null zero full random urandom tty > before
            (cd "$here" && "$@") || exit
            stat -c '%n %a %u %Y' null zero full random urandom tty | cmp before -
            """
        let devices = try site.scratch.directory("devices")
        let command = try work.building(
            """
            FROM base
            RUN for f in /dev/* /proc/kcore /proc/keys; do chmod 600 $f; chown 7 $f; touch -d @1 $f; done 2>/tmp/e; \\
                echo x > /dev/null && head -c 3 /dev/zero | wc -c; echo x >> /dev/null
            """, ["--isolation", "namespaces"])
        let outcome = try command.behind("unshare", "-m", "sh", "-c", script, devices.string).run()
        #expect(outcome.status == 0, "\(outcome.errors)\(outcome.text)")
        #expect(RunWorkplace.lines(outcome.errors) == ["3"])
    }

    private static func mounts() throws -> [String] {
        try text(of: "/proc/self/mountinfo").split(separator: "\n").map(String.init)
            .filter { $0.contains("varve-scratch") || $0.contains("overlay") }
    }

    @Test(arguments: ["true", "kill -KILL $(cat $0/varve)"])
    func `nothing is mounted where varve was, however it ended`(ending: String) throws {
        try Requirement.program("pgrep")
        let before = try Self.mounts()
        let nap = "0.\(UInt64.random(in: 100_000_000...999_999_999))"
        let command = try rung(.namespaces).building(
            "FROM base\nRUN --mount=type=tmpfs,target=/t --mount=target=/c sleep \(nap)", in: work)
        let isKilled = ending != "true"
        let script = """
            "$@" & build=$!
            for i in $(seq 500); do pgrep -x -f 'sleep \(nap)' >/dev/null && break; sleep 0.01; done
            \(isKilled ? "pkill -KILL -P $build varve || kill -KILL $build" : "true"); wait $build
            """
        let outcome = try command.behind("bash", "-c", script, site.scratch.path.string).run()
        #expect((outcome.status == 0) != isKilled, "\(outcome.errors)")
        #expect(try Self.mounts() == before)
        #expect(try Command(["pgrep", "-x", "-f", "sleep \(nap)"]).run().text == "")
    }

    // MARK: The working directory

    @Test(arguments: [Isolation.namespaces, .chroot])
    func `the working directory is in the image, whatever links say`(isolation: Isolation) throws {
        try site.scratch.write("outside/here", Self.secret)
        let outside = site.scratch["outside"].string
        let lines = try output(
            """
            FROM base
            RUN ln -s ../../../../.. /a; ln -s /proc/self/root /p; ln -s \(outside) /o
            WORKDIR /a/tmp
            RUN pwd -P
            WORKDIR /o
            RUN pwd -P; ls
            WORKDIR /../../tmp
            RUN pwd -P
            """, isolation)
        #expect(lines == ["/tmp", outside, "/tmp"])
        for number in [5, 8] {
            // A directory of varve's that is open would lead out by its number.
            let command = try rung(isolation).building(
                "FROM base\nWORKDIR /proc/self/fd/\(number)\nRUN pwd -P; ls; ls ../../..", in: work)
            let outcome = try command.run()
            if isolation == .chroot {
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(RunWorkplace.lines(outcome.errors).first == "/proc/self/fd/\(number)")
            } else {
                #expect(outcome.status == 1 && outcome.errors.contains("cannot enter the working directory"))
            }
            if isolation == .chroot { break }
        }
        #expect(try Directory.open(site.scratch["outside"]).names() == [FileName("here".utf8)])
    }
}

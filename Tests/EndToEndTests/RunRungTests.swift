import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// The same Dockerfiles on every rung, each with its own list of what cannot be there.
@Suite(.serialized) struct RunRungTests {
    private let work: RunWorkplace
    private var site: BuildSite { work.site }

    init() throws { work = try RunWorkplace() }

    /// Stages as one Dockerfile, of which the last one needs all others.
    private func joined(_ stages: [String]) -> String {
        let texts = stages.enumerated().map { "FROM base AS s\($0)\n\($1)\n" }
        let copies = stages.indices.map { "COPY --from=s\($0) /etc/motd /\($0)\n" }
        return (texts + ["FROM scratch\n"] + copies).joined()
    }

    /// What each stage's programs wrote.
    private func lines(_ errors: String, of count: Int) -> [[String]] {
        (0..<count).map { number in
            RunWorkplace.lines(
                errors.split(separator: "\n").filter { $0.hasPrefix("[s\(number) ") }
                    .joined(separator: "\n"))
        }
    }

    @Test(arguments: Rung.each) func `programs write the same`(rung: Rung) throws {
        typealias Tests = RunProgramTests
        // Who is alone is root, and nobody else.
        let users = rung.isAlone ? [] : Tests.users
        let rows = (Tests.words + Tests.heredocs + Tests.variables + users + Tests.places)
            .filter { $0.flags.isEmpty && !$0.instructions.contains("COPY Dockerfile") }
        let command = try rung.building(joined(rows.map(\.instructions)), in: work)
        let outcome = try command.succeed()
        for (row, lines) in zip(rows, lines(outcome.errors, of: rows.count)) {
            #expect(lines == row.lines, "\(row.testDescription)")
        }
        let notes = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("note: ") }
        #expect(notes.contains { $0.contains("no /proc") } == (rung.isolation == .chroot))
        #expect(notes.contains { $0.contains("no subordinate ids") } == rung.isAlone)
        #expect(notes.count == (rung.isolation == .chroot ? 1 : 0) + (rung.isAlone ? 1 : 0))
    }

    @Test(arguments: Rung.each) func `mounts are there while a program runs`(rung: Rung) throws {
        try site.write("dir/a", "a\n")
        try site.scratch.write("key", "secret")
        let stages = [
            "RUN --mount=source=dir,target=/ctx cat /ctx/a\nRUN test ! -e /ctx && echo gone",
            "RUN --mount=target=/ctx,rw echo b > /ctx/dir/a && cat /ctx/dir/a",
            "RUN --mount=from=base,source=etc/motd,target=/m cat /m",
            """
            RUN --mount=type=cache,target=/c,sharing=locked echo 1 >> /c/log
            RUN --mount=type=cache,target=/c,sharing=locked cat /c/log
            """,
            "RUN --mount=type=tmpfs,target=/home ls -A /home; stat -c %a /home; echo x > /home/x\nRUN ls /home",
            "RUN --mount=type=secret,id=key stat -c '%a %u' /run/secrets/key; cat /run/secrets/key\nRUN ls /run",
            "RUN --mount=type=secret,id=key,env=KEY echo ${#KEY}",
            "RUN cat /etc/hosts | head -1; echo x >> /etc/hosts || true\nRUN grep -c x /etc/hosts || true",
        ]
        let outcome = try rung.building(joined(stages), in: work, ["--secret", "id=key,src=key"]).succeed()
        let told = lines(outcome.errors, of: stages.count)
        #expect(told[0] == ["a", "gone"] && told[1] == ["b"] && told[2] == ["motd"] && told[3] == ["1"])
        #expect(told[4] == ["1777", "app"] && told[5] == ["400 0", "secret"] && told[6] == ["6"])
        #expect(told[7].first == "127.0.0.1\tlocalhost varve")
        #expect(try text(of: site.scratch["ctx/dir/a"]) == "a\n")
        #expect(try Directory.open(site.scratch["tmp"]).names() == [])
    }

    // MARK: Layers

    private static let script = """
        FROM base
        COPY --chown=33:34 www /www
        RUN chmod 640 /www/a; echo x >> /www/b; mv /www/c /www/e; ln /www/d /www/l; rm /etc/motd; \\
            mkdir /new; echo n > /new/f; ln -s f /new/s; \\
            find /www /new /etc -exec touch -h -d @1000000100 {} +; touch -d @1000000100 /
        RUN mv /www/e /www/c; mv /new/f /www/f; rmdir /www/dir; ln -s dir2 /www/dir; chmod 0711 /home; \\
            find /www /new /home ! -name [dl] -exec touch -h -d @1000000200 {} +; touch -d @1000000200 /
        """

    // Without overlays, as in a chroot, layers are made of snapshots. Two names of one file that lies in a layer below
    // are left alone: in an overlay they become two files once one is changed.
    @Test func `layers are the same bytes on every rung`() throws {
        for name in ["a", "b", "c", "d", "dir/.gitkeep"] { try site.write("www/\(name)", "\(name)\n") }
        let line = "chmod -R go=rX www; rm www/dir/.gitkeep; find www -exec touch -d @1000000000 {} +"
        try Command(shell: line).at(site.scratch["ctx"]).succeed()
        var found: [String: [JSONValue]] = [:]
        for rung in Rung.all where rung.builder == .plain || Machine.user.id == 0 {
            let command = try rung.building(Self.script, in: work, ["--no-cache"])
            let built = try Built(command.succeed(), layout: site.scratch["out"])
            found[rung.testDescription] = built.configuration["rootfs"]?["diff_ids"]?.array
            guard found.count == 1 else { continue }
            let owners = try built.members(-2).map { "\($0.name) \($0.user):\($0.group)" }
            for name in ["a", "b", "d", "e", "l"] { #expect(owners.contains("www/\(name) 33:34")) }
            #expect(owners.contains("new/f 0:0") && owners.contains("www/.wh.c 0:0"))
        }
        #expect(found.values.first?.count == 4)
        #expect(Set(found.values).count == 1, "\(found)")
    }

    /// A tar with a device, and files of others.
    private static let archive = """
        import tarfile
        tar = tarfile.open("t.tar", "w", format=tarfile.PAX_FORMAT)
        def add(name, kind, owner=0, mode=0o644, device=(0, 0), target=""):
            member = tarfile.TarInfo(name)
            member.type, member.uid, member.gid, member.mode, member.mtime = kind, owner, owner, mode, 1000000000
            member.devmajor, member.devminor = device
            member.linkname = target
            tar.addfile(member)
        add("t", tarfile.DIRTYPE, 1000, 0o755)
        add("t/dev", tarfile.CHRTYPE, 0, 0o660, (1, 7))
        add("t/other", tarfile.CHRTYPE, 6, 0o660, (1, 3))
        for name in ["one", "two", "three", "d", "d/f"]:
            add("t/" + name, tarfile.DIRTYPE if name == "d" else tarfile.REGTYPE, 1000, 0o755)
        add("t/link", tarfile.SYMTYPE, 1000, target="one")
        tar.close()
        """

    @Test func `owners and devices that the disk cannot have are the layers' on every rung`() throws {
        try Requirement.program("python3")
        try Command(["python3", "-c", Self.archive]).at(site.scratch["ctx"]).succeed()
        let date = "find /t /u -exec touch -h -d @1000000100 {} + || true"
        let dockerfile = """
            FROM base
            ADD t.tar /
            RUN chmod 600 /t/dev; chmod 644 /t/other; chmod 660 /t/other; chmod 700 /t/one; touch -d @1000000100 /t/d
            RUN rm /t/two; echo new > /t/two; rm -r /t/d; mkdir /t/d; mv /t/three /t/four; \
                chmod 755 /t/link; ln -sfn two /t/link2; \(date)
            RUN mv /t/dev /u; ln /t/other /t/other2; \(date)
            RUN rm -rf /t; mkdir /t; \(date)
            """
        var found: [String: [JSONValue]] = [:]
        for rung in Rung.all where rung.builder == .plain || Machine.user.id == 0 {
            let command = try rung.building(dockerfile, in: work, ["--no-cache"])
            let built = try Built(command.succeed(), layout: site.scratch["out"])
            found[rung.testDescription] = built.configuration["rootfs"]?["diff_ids"]?.array
            func members(_ number: Int) throws -> [String] {
                try built.members(number).map { "\($0.name) \($0.type) \($0.user)" }
            }
            #expect(try members(-4) == ["t/ 5 1000", "t/d/ 5 1000", "t/dev 3 0", "t/one 0 1000"])
            #expect(
                try Set(members(-3)).isSuperset(of: [
                    "t/two 0 0", "t/d/ 5 0", "t/four 0 1000", "t/link 2 1000",
                ]))
            #expect(
                try Set(members(-2)).isSuperset(of: ["u 3 0", "t/.wh.dev 0 0", "t/other 3 6", "t/other2 1 6"])
            )
            #expect(
                try Set(members(-1)).isSuperset(of: ["t/.wh.other 0 0", "t/.wh.link 0 0", "t/ 5 0"]))
        }
        #expect(Set(found.values).count == 1, "\(found)")
    }

    // No layer speaks of the base's root until a program changes its mode.
    @Test func `the root is as old on every rung`() throws {
        try site.write("dir/a", "a\n")
        let dockerfile = """
            FROM base
            COPY dir /
            RUN chmod 700 /
            RUN touch /x && rm /x
            COPY dir /b
            RUN chmod 711 /
            """
        var found: [String: String] = [:]
        for rung in Rung.all where rung.builder == .plain || Machine.user.id == 0 {
            let command = try rung.building(dockerfile, in: work, ["--no-cache"])
            let built = try Built(command.succeed(), layout: site.scratch["out"])
            let roots = try [-3, -1].map { try built.members($0).map { "\($0.name) \($0.modified)" } }
            found[rung.testDescription] = "\(roots)"
        }
        #expect(Set(found.values) == [#"[["./ 0"], ["./ 0"]]"#], "\(found)")
    }

    @Test(arguments: Rung.each) func `who may give files to others does, else is told why not`(rung: Rung)
        throws
    {
        let dockerfile = "FROM base\nRUN touch /f && chown 5:6 /f"
        let command = try rung.building(dockerfile, in: work)
        guard rung.isAlone else {
            let built = try Built(command.succeed(), layout: site.scratch["out"])
            #expect(try built.members().map { "\($0.name) \($0.user):\($0.group)" } == ["f 5:6"])
            return
        }
        let missing = "gives user 65534 no subordinate ids"
        try site.expectRefusal(of: command, saying: ["line 2", "chown to others", missing])
        for (instructions, words) in [
            ("USER app\nRUN true", "no program can be user app"),
            ("RUN --mount=type=cache,target=/c,uid=7 true", "no mount can belong to 7:0"),
            ("RUN --mount=type=secret,id=PATH,gid=7,env=X,target=/x true", "no mount can belong to 0:7"),
        ] {
            let command = try rung.building("FROM base\n" + instructions, in: work, ["--secret", "id=PATH"])
            try site.expectRefusal(of: command, saying: [words, missing, "varve doctor"])
        }
    }
}

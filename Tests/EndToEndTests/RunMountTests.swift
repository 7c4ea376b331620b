import Linux
import SystemPackage
import TestSupport
import Testing

/// What `--mount` shows a program.
struct RunMountTests {
    private let work: RunWorkplace
    private var site: BuildSite { work.site }

    init() throws { work = try RunWorkplace() }

    // MARK: bind

    @Test func `the context, but for what is ignored`() throws {
        try site.write("dir/a", "a\n")
        try site.write("dir/secret.env", "s\n")
        try site.write(".dockerignore", "**/*.env\n")
        let lines = try work.output(
            """
            FROM base
            RUN --mount=target=/ctx --mount=type=bind,source=dir/a,target=/file cat /ctx/dir/a /file; ls /ctx/dir
            RUN --mount=source=dir,target=rel cd /rel && ls -ln .; touch x 2>&1 || true
            """)
        #expect(lines.prefix(3) == ["a", "a", "a"])
        #expect(lines[3...].contains { $0.contains("-rw-r--r--    1 0        0") })
        #expect(lines.last == "touch: x: Read-only file system")
    }

    @Test func `what is written to a mount is nobody's`() throws {
        try site.write("a", "a\n")
        let built = try work.built(
            "FROM base\nRUN --mount=target=/ctx,rw echo b > /ctx/a && echo c > /ctx/new && cp /ctx/new /kept")
        #expect(try content(of: site.scratch["ctx/a"]) == Array("a\n".utf8))
        #expect(!Machine.exists(site.scratch["ctx/new"]))
        #expect(try built.members().map(\.name) == ["kept"])
    }

    @Test func `another stage's files, an image's, and a named context's`() throws {
        try Requirement.otherUsers()
        try site.scratch.write("other/file", "named\n")
        let lines = try work.output(
            """
            FROM base AS first
            RUN mkdir /out && echo made > /out/f && chown 1000:50 /out/f
            FROM base
            RUN --mount=from=first,source=/out,target=/in cat /in/f; stat -c %u:%g /in/f
            RUN --mount=from=base,source=etc/motd,target=/motd cat /motd
            RUN --mount=from=more,target=/more cat /more/file
            """, "--build-context", "more=\(site.scratch["other"])")
        #expect(lines == ["made", "1000:50", "motd", "named"])
    }

    @Test func `what is written to another stage's files changes neither them nor what others see`() throws {
        let dockerfile = """
            FROM base AS first
            RUN mkdir /out && echo made > /out/f && ln -s ../../../out /link
            FROM base
            RUN --mount=from=first,source=/link,target=/in,rw cat /in/f; echo other > /in/f; rm -r /in/f; echo > /in/g
            RUN --mount=from=first,source=/out,target=/in cat /in/f; ls /in; touch /in/x 2>&1 || true
            RUN --mount=from=first,target=/all cat /all/out/f
            COPY --from=first /out /copied
            """
        #expect(
            try work.output(dockerfile, "--no-cache") == [
                "made", "made", "f", "touch: /in/x: Read-only file system", "made",
            ])
    }

    @Test(arguments: ["/none", "../../none", "dir/none"])
    func `what is not there cannot be mounted`(source: String) throws {
        try site.write("dir/a")
        try work.refuse(
            "FROM base\nRUN --mount=source=\(source),target=/x true", saying: "line 2", "there is no")
    }

    @Test func `a cache with a source of nothing is refused`() throws {
        try work.refuse(
            "FROM base\nRUN --mount=type=cache,target=/c,source=/etc true", saying: "line 2", "from= names it"
        )
    }

    // MARK: cache

    @Test func `a cache is there in the next build, and in no layer`() throws {
        let dockerfile = """
            FROM base
            ARG n
            RUN --mount=type=cache,target=/root/.cache,id=pip echo $n >> /root/.cache/log; cat /root/.cache/log > /seen
            """
        #expect(try work.built(dockerfile, "--build-arg", "n=1").texts()["seen"] == "1\n")
        let second = try work.built(dockerfile, "--build-arg", "n=2")
        #expect(try second.texts()["seen"] == "1\n2\n")
        #expect(try second.members().map(\.name) == ["seen"])
    }

    @Test func `a cache is there until it is pruned`() throws {
        let dockerfile = """
            FROM base
            ARG n
            RUN --mount=type=cache,target=/c ls /c; touch /c/$n
            """
        let prune = ["cache", "prune", "--cache-dir", "cache"]
        #expect(try work.output(dockerfile, "--build-arg", "n=1") == [])
        try site.varve(prune + ["--older-than", "1d", "--keep-size", "0"]).succeed()
        #expect(try work.output(dockerfile, "--build-arg", "n=2") == ["1"])
        try site.varve(prune + ["--all"]).succeed()
        #expect(try work.output(dockerfile, "--build-arg", "n=3") == [])
    }

    @Test func `a cache has the mode and owner that it is given`() throws {
        try Requirement.otherUsers()
        let lines = try work.output(
            """
            FROM base
            RUN --mount=type=cache,target=/c,mode=0750,uid=1000,gid=50 stat -c '%a %u:%g' /c
            RUN --mount=type=cache,target=/c,readonly touch /c/x 2>&1 || true
            RUN --mount=type=cache,target=/d,from=base,source=etc cat /d/motd
            """)
        #expect(lines == ["750 1000:50", "touch: /c/x: Read-only file system", "motd"])
    }

    @Test func `who locks a cache has it alone`() throws {
        let dockerfile = { (sharing: String) in
            """
            FROM base AS a
            RUN --mount=type=cache,id=x,target=/c,sharing=\(sharing) echo a > /c/who; sleep 1; cat /c/who > /a
            FROM base AS b
            RUN --mount=type=cache,id=x,target=/c,sharing=\(sharing) sleep 0.3; echo b > /c/who; sleep 0.2; cat /c/who > /b
            FROM base
            COPY --from=a /a /
            COPY --from=b /b /
            RUN cat /a /b
            """
        }
        #expect(try work.output(dockerfile("locked"), "--no-cache") == ["a", "b"])
        #expect(try work.output(dockerfile("private"), "--no-cache") == ["a", "b"])
        #expect(try work.output(dockerfile("shared"), "--no-cache") == ["b", "b"])
    }

    @Test(arguments: ["namespaces", "chroot"])
    func `programs that want two caches in another order both get them`(isolation: String) throws {
        func stage(_ name: String, _ first: String, _ second: String) -> String {
            let mount = { (id: String) in "--mount=type=cache,sharing=locked,id=\(id),target=/\(id)" }
            return
                "FROM base AS \(name)\nRUN \(mount(first)) --mount=target=/ctx \(mount(second)) echo \(name) > /\(name)\n"
        }
        try site.write("file", String(repeating: "x", count: 20_000_000))
        let dockerfile =
            stage("a", "one", "two") + stage("b", "two", "one")
            + "FROM base\nCOPY --from=a /a /\nCOPY --from=b /b /\nRUN cat /a /b"
        let own = try RunWorkplace(isolation: isolation)
        try own.site.write("file", String(repeating: "x", count: 20_000_000))
        #expect(try own.output(dockerfile, "--no-cache") == ["a", "b"])
    }

    @Test func `one cache in two places is one cache, and needs mounts`() throws {
        let dockerfile = """
            FROM base
            RUN --mount=type=cache,id=x,target=/c --mount=type=cache,id=x,target=/d,sharing=locked echo y > /c/f; cat /d/f
            """
        #expect(try work.output(dockerfile) == ["y"])
        try RunWorkplace(isolation: "chroot").refuse(
            dockerfile, saying: "line 2", "two places", "varve doctor")
    }

    @Test(arguments: ["namespaces", "chroot"])
    func `another stage's directory keeps its owner and its mode`(isolation: String) throws {
        try Requirement.otherUsers()
        let dockerfile = """
            FROM base AS st
            RUN mkdir -p /o/real && chown 1000:50 /o/real && chmod 2750 /o/real
            FROM base
            RUN --mount=from=st,source=/o/real,target=/m stat -c '%a %u:%g' /m
            """
        #expect(try RunWorkplace(isolation: isolation).output(dockerfile) == ["2750 1000:50"])
    }

    // MARK: order

    @Test func `what is mounted below another is seen, in whatever order they stand`() throws {
        try site.write("src/keep/x", "x\n")
        let lines = try work.output(
            """
            FROM base
            RUN --mount=type=cache,target=/s/keep,id=o --mount=source=src,target=/s,rw echo c > /s/keep/f; ls /s/keep
            RUN --mount=type=cache,target=/c,id=o cat /c/f
            """)
        #expect(lines == ["f", "c"])
    }

    @Test func `a file of the network's can be the program's own`() throws {
        try site.write("own", "1.2.3.4 own\n")
        let lines = try work.output("FROM base\nRUN --mount=source=own,target=/etc/hosts cat /etc/hosts")
        #expect(lines == ["1.2.3.4 own"])
    }

    // MARK: tmpfs

    @Test func `an empty directory in memory`() throws {
        let built = try work.built(
            "FROM base\nRUN --mount=type=tmpfs,target=/home,size=1m ls -A /home > /empty; echo x > /home/x; dd if=/dev/zero of=/home/y bs=1k count=2000 2>/dev/null || echo full > /said"
        )
        #expect(try built.members().map(\.name) == ["empty", "said"])
        #expect(try built.texts()["empty"]?.isEmpty == true)
    }

    // MARK: secret, ssh

    private static let secret = "s3cr3t-value-that-nobody-may-see"

    @Test func `a secret is shown to the program and stands nowhere else`() throws {
        try Requirement.otherUsers()
        try site.scratch.write("key", Self.secret)
        let built = try work.built(
            """
            FROM base
            RUN --mount=type=secret,id=key test "$(cat /run/secrets/key | wc -c)" = 32 && stat -c '%a %u' /run/secrets/key > /mode
            RUN --mount=type=secret,id=key,target=/etc/k,uid=1000,mode=0440 stat -c '%a %u' /etc/k >> /mode
            RUN --mount=type=secret,id=key,env=KEY test ${#KEY} = 32 && test ! -e /run/secrets
            RUN --mount=type=secret,id=var,target=v wc -c < /v >> /mode
            RUN --mount=type=secret,id=none true && test ! -e /run/secrets
            USER app
            RUN --mount=type=secret,id=key cat /run/secrets/key 2>/dev/null || true
            """, "--secret", "id=key,src=key", "--secret", "id=var,env=VAR", "--provenance", "p.json",
            variables: ["VAR=12345"])
        #expect(try built.texts()["mode"] == "400 0\n440 1000\n5\n")
        for place in ["out", "cache", "p.json"] {
            let found = try Command([
                "grep", "-rc", "--binary-files=text", Self.secret, site.scratch[place].string,
            ])
            .run().text.split(separator: "\n").filter { !$0.hasSuffix(":0") && $0 != "0" }
            #expect(found == [])
        }
        #expect(!built.errors.contains(Self.secret))
    }

    @Test func `a secret that no variable can hold is refused, and not shown`() throws {
        try Directory.writeFile(at: site.scratch["key"], Array("\(Self.secret)\0rest".utf8))
        let command = try work.building(
            "FROM base\nRUN --mount=type=secret,id=key,env=KEY true", ["--secret", "id=key,src=key"])
        try site.expectRefusal(of: command, saying: ["line 2", "the secret key has a NUL byte in it"])
        #expect(try !command.run().errors.contains(Self.secret))
        let lines = try work.output(
            "FROM base\nRUN --mount=type=secret,id=key wc -c < /run/secrets/key", "--secret", "id=key,src=key"
        )
        #expect(lines == ["\(Self.secret.utf8.count + 5)"])
    }

    @Test func `a secret that is required and not given is asked for`() throws {
        try work.refuse(
            "FROM base\nRUN --mount=type=secret,id=key,required true", saying: "line 2", "--secret id=key")
        try work.refuse(
            "FROM base\nRUN --mount=type=secret,id=key true", ["--secret", "id=key,src=none"],
            saying: "line 2", "none")
    }

    @Test func `an agent is reached through its socket`() throws {
        try Command([
            "python3", "-c", "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])",
            site.scratch["agent"].string,
        ]).succeed()
        let lines = try work.output(
            """
            FROM base
            RUN --mount=type=ssh echo $SSH_AUTH_SOCK; test -S $SSH_AUTH_SOCK
            RUN --mount=type=ssh,id=other,target=/a echo [$SSH_AUTH_SOCK]
            RUN env | grep -c SSH || true
            """, "--ssh", "default=\(site.scratch["agent"])")
        #expect(lines == ["/run/buildkit/ssh_agent.0", "[]", "0"])
    }

    @Test func `an agent belongs to who started it`() throws {
        try Command([
            "python3", "-c", "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])",
            site.scratch["agent"].string,
        ]).succeed()
        try work.refuse(
            "FROM base\nRUN --mount=type=ssh,uid=1000 true", ["--ssh", "default=\(site.scratch["agent"])"],
            saying: "line 2", "no uid and no gid")
    }

    @Test func `a secret as a variable goes before the image's own`() throws {
        try site.scratch.write("key", "hidden")
        let dockerfile = """
            FROM base
            ENV KEY=shown
            RUN --mount=type=secret,id=key,env=KEY test $KEY = hidden && env | grep -c ^KEY= && env | grep -c shown || true
            """
        #expect(try work.output(dockerfile, "--secret", "id=key,src=key") == ["1", "0"])
    }
}

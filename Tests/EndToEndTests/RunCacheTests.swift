import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// What makes RUN take its layer from the cache, and what does not.
struct RunCacheTests {
    private let work: RunWorkplace
    private var site: BuildSite { work.site }

    init() throws {
        work = try RunWorkplace()
        try site.write("a", "a\n")
        try site.scratch.write("key", "one")
    }

    private static let dockerfile = """
        FROM base AS other
        ARG FROM_OTHER=1
        RUN echo $FROM_OTHER > /made; echo unseen > /beside
        FROM base
        ARG UNUSED_BEFORE
        ENV E=1
        WORKDIR /srv
        RUN --mount=source=a,target=/in/a --mount=from=other,source=/made,target=/in/made \
            --mount=type=secret,id=key,target=/in/key cat /in/a /in/made > /got
        ARG LATE
        """

    private func built(_ dockerfile: String, _ flags: String...) throws -> Built {
        let all = flags.contains("--secret") ? flags : flags + ["--secret", "id=key,src=key"]
        return try Built(work.building(dockerfile, all).succeed(), layout: site.scratch["out"])
    }

    @Test func `a second build runs nothing, and gives the same bytes`() throws {
        let first = try built(Self.dockerfile)
        #expect(first.hits == 0 && first.misses.count == 0, "\(first.errors)")
        let second = try built(Self.dockerfile)
        #expect(second.hits == 3 && second.misses == [] && second.digest == first.digest, "\(second.errors)")
        let third = try built(Self.dockerfile, "--no-cache")
        #expect(third.hits == 0 && third.misses.count == 3, "\(third.errors)")
    }

    @Test(
        "what a program is not given changes nothing",
        arguments: [
            ["--build-arg", "LATE=2"], ["--build-arg", "HTTP_PROXY=http://p:1"],
            ["--secret", "id=key,src=ctx/a"], ["--label", "a=b"],
        ])
    func hit(flags: [String]) throws {
        _ = try built(Self.dockerfile)
        let all = flags + (flags.contains("--secret") ? [] : ["--secret", "id=key,src=key"])
        let second = try Built(
            work.building(Self.dockerfile, all).succeed(), layout: site.scratch["out"])
        #expect(second.hits == 3 && second.misses == [], "\(second.errors)")
    }

    @Test(
        "what a program is given changes its key, and the plan says what it was",
        arguments: [
            ("echo cat", "echo b", "", "files changed: a"),
            ("ENV E=1", "ENV E=2", "", "the variable E changed"),
            ("ENV E=1", "ENV E=1 F=1", "", "the variable F changed"),
            ("ARG UNUSED_BEFORE", "USER 0", "", "the user changed"),
            ("WORKDIR /srv", "WORKDIR /opt", "", "the working directory changed"),
            ("ARG UNUSED_BEFORE", "SHELL [\"/bin/sh\", \"-ec\"]", "", "the command changed"),
            ("cat /in/a", "cat  /in/a", "", "the command changed"),
            ("target=/in/key", "target=/in/key,mode=0444", "", "--mount /in/key changed"),
            ("echo unseen", "echo unseen", "--network=none", "--network changed"),
            ("echo unseen", "echo unseen", "--build-arg=FROM_OTHER=2", "changed"),
            ("echo unseen", "echo unseen", "--build-arg=UNUSED_BEFORE=2", "UNUSED_BEFORE changed"),
        ])
    func miss(old: String, new: String, flag: String, reason: String) throws {
        _ = try built(Self.dockerfile)
        var dockerfile = Self.dockerfile
        if let found = dockerfile.utf8.firstRange(of: old.utf8) {
            dockerfile.replaceSubrange(found, with: new)
        }
        if reason == "files changed: a" { try site.write("a", "other\n") }
        let flags = ["--secret", "id=key,src=key"] + (flag.isEmpty ? [] : [flag])
        let plan = try work.building(dockerfile, flags + ["--plan"]).succeed().text
        let second = try Built(work.building(dockerfile, flags).succeed(), layout: site.scratch["out"])
        #expect(second.misses.last?.contains(reason) == true, "\(second.errors)")
        #expect(
            plan.contains("because") && (plan.contains(reason) || plan.contains("made first")), "\(plan)")
    }

    @Test func `what changes nothing makes no layer, and is not run again`() throws {
        let dockerfile = """
            FROM base
            RUN echo ran
            RUN echo x > /x
            RUN test -e /x; echo again
            """
        let first = try work.building(dockerfile).succeed()
        #expect(RunWorkplace.lines(first.errors) == ["ran", "again"])
        let image = try Built(first, layout: site.scratch["out"])
        #expect(image.layers.count == 2)
        let history = image.configuration["history"]?.array ?? []
        #expect(history.suffix(3).map { $0["empty_layer"] == .bool(true) } == [true, false, true])
        let plan = try work.building(dockerfile, ["--plan"]).succeed().text
        #expect(!plan.contains("because"), "\(plan)")
        let second = try work.building(dockerfile).succeed()
        #expect(RunWorkplace.lines(second.errors) == [] && second.line == first.line, "\(second.errors)")
        #expect(try Built(second, layout: site.scratch["out"]).hits == 3)
        let third = try work.building(dockerfile, ["--no-cache"]).succeed()
        #expect(RunWorkplace.lines(third.errors) == ["ran", "again"])
    }

    @Test func `behind what is cached the rest is run in the very same tree`() throws {
        let head = "FROM base\nRUN mkdir /d; echo 1 > /d/a; ln /d/a /d/b; rm /etc/motd\n"
        _ = try work.built(head)
        let second = try work.built(
            head + "RUN test ! -e /etc/motd; cat /d/b; stat -c %h /d/a > /links; echo 2 > /d/c")
        #expect(second.hits == 1 && second.misses == [])
        #expect(try second.members().map(\.name).filter { $0 != "d/" } == ["d/c", "links"])
        #expect(try second.text("links") == "2\n")
    }

    @Test(arguments: [Isolation.namespaces, .chroot])
    func `what programs find does not depend on what was cached`(isolation: Isolation) throws {
        if isolation == .chroot { try Requirement.root() }
        let head = """
            FROM base
            RUN echo 1 > /f; mkdir /d; echo 2 > /d/g; echo 3 > /d/h; ln /d/h /d/i; ln -s f /s; rm /etc/motd
            """
        let rest = """

            RUN touch -d @1100000000 /f /d /d/g; chmod 700 /
            RUN cp -a /d /e && rm -r /d && mv /e /d
            RUN times=$(stat -c '%n %Y %y' / /d /d/g /d/h /d/i /etc /f /s); echo "$times" > /times
            """
        func build(_ dockerfile: String, _ more: String...) throws -> Built {
            let command = try work.building(
                dockerfile, ["--isolation", isolation.rawValue] + more,
                variables: ["SOURCE_DATE_EPOCH=1100000000"])
            return try Built(command.succeed(), layout: site.scratch["out"])
        }
        _ = try build(head)
        let second = try build(head + rest)
        #expect(second.hits == 1)
        let fresh = try build(head + rest, "--no-cache")
        #expect(fresh.configuration["rootfs"] == second.configuration["rootfs"])
        #expect(try fresh.text("times") == second.text("times"))
        #expect(try fresh.text("times")?.contains("/d/g 1100000000 ") == true)
    }

    @Test func `a shared cache has the layers of programs`() throws {
        let registry = try RealRegistry()
        let place = "\(registry.host)/team/cache"
        let dockerfile = "FROM base\nRUN date +%N > /now\nRUN cat /now > /again"
        try work.building(dockerfile, ["--cache-to", place]).succeed()
        try Command(["rm", "-rf", site.cache.string]).succeed()
        let second = try work.built(dockerfile, "--cache-from", place)
        #expect(second.hits == 2 && second.misses == [], "\(second.errors)")
        #expect(RunWorkplace.lines(second.errors) == [])
    }

    @Test func `what was made without mounts is not what is made with them`() throws {
        let dockerfile = "FROM base\nRUN test -e /proc/self && echo proc > /seen || echo none > /seen"
        let weak = try built(dockerfile, "--isolation", "chroot")
        let strong = try built(dockerfile, "--isolation", "namespaces")
        #expect(weak.hits == 0 && strong.hits == 0 && weak.digest != strong.digest)
        #expect(try built(dockerfile, "--isolation", "chroot").hits == 1)
        #expect(try built(dockerfile).hits == 1)
    }
}

import Linux
import SystemPackage
import TestSupport
import Testing

/// RUN in containers as Docker makes them.
struct RunContainerTests {
    private let work: RunWorkplace
    private var container: Container

    init() throws {
        container = try Container()
        work = try RunWorkplace()
        try container.bind(work.site.scratch.path, at: "/site", isReadOnly: false)
        try container.bind(RunWorkplace.base.get().scratch["base"], at: "/base")
    }

    private func build(
        _ dockerfile: String, in container: Container, _ flags: [String] = []
    ) throws -> Command.Outcome {
        try work.site.write("Dockerfile", dockerfile + "\n")
        return try container.run(
            [
                "/varve", "build", "/site/ctx", "-o", "oci:/site/out:app", "--cache-dir", "/site/cache",
                "--no-provenance", "--build-context", "base=oci:/base:app", "--secret",
                "id=key,src=/site/key",
            ] + flags)
    }

    private static let dockerfile = """
        FROM base AS first
        RUN --mount=type=cache,target=/c echo 1 > /c/log; mkdir /made && echo made > /made/f && chown 1000:1001 /made/f
        FROM base
        COPY --from=first /made /made
        RUN --mount=type=cache,target=/c cat /c/log
        RUN --mount=type=secret,id=key cat /run/secrets/key
        RUN --mount=from=first,source=/made,target=/m cat /m/f
        USER app
        RUN id -un; echo kept > /tmp/kept; echo x > /dev/null; stat -c %u /made/f
        """

    private func check(_ outcome: Command.Outcome, _ notes: String...) throws {
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(RunWorkplace.lines(outcome.errors) == ["1", "secret", "made", "app", "1000"])
        let told = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("note: ") }
        #expect(told.count == notes.count && zip(told, notes).allSatisfy { $0.contains($1) }, "\(told)")
        let built = try Built(outcome, layout: work.site.scratch["out"])
        let names = try built.members().map { "\($0.name) \($0.user):\($0.group)" }
        #expect(names == ["tmp/ 0:0", "tmp/kept 1000:1001"])
    }

    /// What the test's stages need outside of the image.
    private func prepare() throws {
        try work.site.scratch.write("key", "secret\n")
        try Command(["chmod", "-R", "a+rwX", work.site.scratch.path.string]).succeed()
    }

    @Test func `by default programs are run in a chroot`() throws {
        try prepare()
        try check(
            build(Self.dockerfile, in: container), "RUN has a root directory of its own and nothing else")
    }

    @Test func `without the filter they have namespaces, and the container's processes`() throws {
        try prepare()
        var container = container
        container.isFiltered = false
        try check(build(Self.dockerfile, in: container))
    }

    @Test
    func `in a chroot the container's filter keeps keys from programs, or a note says that nothing does`()
        throws
    {
        try prepare()
        try SystemCall.keys[2].write(to: work.site.scratch["ctx/call"])
        let dockerfile = "FROM base\nCOPY call /\nRUN /call; echo $?"
        var open = container
        open.hasKeys = true
        // EPERM, and EOPNOTSUPP of the kernel itself.
        for (container, flags, answer, isTold) in [
            (container, ["--no-cache"], "1", false), (open, ["--no-cache"], "95", true),
            (open, ["--no-cache", "--no-new-privileges"], "1", false),
        ] {
            let outcome = try build(dockerfile, in: container, flags)
            #expect(RunWorkplace.lines(outcome.errors) == [answer], "\(outcome.errors)")
            #expect(outcome.errors.contains("keys in the kernel") == isTold, "\(outcome.errors)")
        }
    }

    @Test func `a plain user builds everything but RUN, which names what is missing`() throws {
        try prepare()
        var container = container
        container.user = 1000
        let plain = "FROM base\nCOPY --chown=5:6 Dockerfile /d\nWORKDIR /w\nENV A=b\nUSER app"
        let outcome = try build(plain, in: container)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let built = try Built(outcome, layout: work.site.scratch["out"])
        #expect(try built.members(-2).map { "\($0.name) \($0.user):\($0.group)" } == ["d 5:6"])
        let refused = try build(plain + "\nRUN true", in: container)
        let lines = refused.errors.split(separator: "\n").filter { $0.hasPrefix("varve: ") }
        #expect(refused.status == 1 && lines.count == 1, "\(refused.errors)")
        for words in ["line 6", "no program can be run here", "varve doctor", "cannot make namespaces"] {
            #expect(lines.first?.contains(words) == true, "\(refused.errors)")
        }
    }
}

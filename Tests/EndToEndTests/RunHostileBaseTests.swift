import Linux
import SystemPackage
import TestSupport
import Testing

/// Bases that have something else where varve mounts: nothing outside is touched, and it works or is refused in a line.
@Suite(.serialized) struct RunHostileBaseTests {
    /// What a base has, `OUT` being a directory outside, and what is said where it is refused; `mount` before it, where
    /// that is so because something is mounted there.
    static let bases: [(line: String, refusal: String?)] = [
        ("mkdir etc; ln -s OUT/resolv etc/resolv.conf; ln -s ../../../../../..OUT/hosts etc/hosts", nil),
        ("ln -s OUT etc", nil), ("ln -s OUT dev", "mount: cannot mount /dev: it is a symbolic link"),
        ("ln -s ../../../../../..OUT proc", "mount: cannot mount /proc: it is a symbolic link"),
        ("ln -s / proc", "mount: cannot mount /proc: it is a symbolic link"),
        ("ln -s OUT sys", "mount: cannot mount /sys: it is a symbolic link"), ("ln -s OUT run", nil),
        ("mkdir run; ln -s OUT run/secrets", nil),
        ("mkdir run; ln -s ../../../../../../..OUT run/secrets", nil),
        ("mkdir -p run/secrets; ln -s OUT/here run/secrets/key", nil),
        ("ln -s OUT c; ln -s OUT t", nil), ("mkdir dev; ln -s OUT/null dev/null; ln -s OUT dev/shm", nil),
        ("mkdir dev; ln -s OUT dev/pts", nil),
        ("echo x > dev", "Not a directory"), ("echo x > run", "Not a directory"),
        ("ln -s / dev", "mount: cannot mount /dev: it is a symbolic link"),
        ("ln -s / proc; ln -s . sys; ln -s proc/ dev", "mount: cannot mount /proc: it is a symbolic link"),
        ("ln -s ../.. c", "mount"), ("ln -s /proc etc", "mount: cannot mount /etc/"),
        ("ln -s c c", "Too many levels of symbolic links"),
        ("mkdir etc; ln -s hosts etc/hosts", "Too many levels of symbolic links"),
    ]

    @Test(arguments: [Isolation.namespaces, .outerProc, .chroot])
    func `nothing outside is touched`(isolation: Isolation) throws {
        let work = try RunWorkplace()
        let outside = try work.site.scratch.write("outside/here", "s3nt1nel").removingLastComponent()
        try work.site.scratch.write("key", "secret")
        // Who builds as another user opens the scratch to all.
        try Command(["chmod", "-R", "a+rwX", outside.string]).succeed()
        let rung = Rung(isolation: isolation, builder: Machine.user.id == 0 ? .root : .plain)
        let before = try Workplace.snapshot(of: outside)
        var (stages, contexts, refused) = (
            "", [String](), [(context: [String], dockerfile: String, words: String)]()
        )
        for (number, base) in Self.bases.enumerated() {
            let line = base.line.replacing("OUT", with: outside.string)
            let image = try work.site.image(
                "b\(number)", "mkdir bin; cp $(command -v busybox) bin/busybox; ln -s busybox bin/sh; \(line)"
            )
            let context = ["--build-context", "b\(number)=\(image)"]
            if let refusal = Self.refusal(of: base.refusal, isolation) {
                refused.append((context, "FROM b\(number)\n\(Self.program)", refusal))
            } else {
                stages += "FROM b\(number) AS s\(number)\n\(Self.program)\nRUN busybox echo x > /made\n"
                contexts += context
            }
        }
        for row in refused {
            let command = try rung.building(row.dockerfile, in: work, row.context + Self.key)
            try work.site.expectRefusal(of: command, saying: ["line 2", row.words])
        }
        let copies = Self.bases.indices
            .filter { Self.refusal(of: Self.bases[$0].refusal, isolation) == nil }
            .map { "COPY --from=s\($0) /made /\($0)\n" }
        let command = try rung.building(
            stages + "FROM scratch\n" + copies.joined(), in: work, contexts + Self.key)
        let lines = try RunWorkplace.lines(command.succeed().errors)
        #expect(lines == copies.map { _ in "secret127.0.0.1\tlocalhost varve" })
        let after = try Workplace.snapshot(of: outside)
        #expect(after == before)
    }

    /// What is said on a rung; `nil` where it works there.
    private static func refusal(of words: String?, _ isolation: Isolation) -> String? {
        guard let words, let mark = words.firstRange(of: "mount: ") else { return words }
        return isolation.hasMounts ? String(words[mark.upperBound...]) : nil
    }

    private static let key = ["--secret", "id=key,src=key"]
    private static let program = """
        RUN --mount=type=secret,id=key --mount=type=cache,target=/c --mount=type=tmpfs,target=/t \\
            busybox cat /run/secrets/key && busybox head -1 /etc/hosts && echo x > /c/x && echo x > /t/x
        """
}

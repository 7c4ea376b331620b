import Linux
import SystemPackage
import TestSupport
import Testing

/// Links that change while they are followed, and secrets that leak: classes 7, 9 and 10 of the table of attacks.
@Suite(.serialized)
struct RunRaceTests {
    private static let sentinel = "s3nt1nel-of-the-outside"
    private let work: RunWorkplace
    private var site: BuildSite { work.site }

    init() throws {
        work = try RunWorkplace()
        for number in 1...20 {
            try site.scratch.write("outside/f\(number)", Self.sentinel)
            try site.write("d/x/f\(number)", "inside")
        }
        try Command(["ln", "-s", site.scratch["outside"].string, site.scratch["ctx/d/y"].string]).succeed()
    }

    /// Exchanges a directory and a link that leads outside, until the build has ended and 10,000 times at least.
    private static let flipping = """
        import ctypes, os, subprocess, sys
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
        build = subprocess.Popen(sys.argv[3:])
        turns = 0
        while build.poll() is None or turns < 10000:
            for _ in range(100):
                if exchange(-100, os.fsencode(sys.argv[1]), -100, os.fsencode(sys.argv[2]), 2) != 0:
                    sys.exit(os.strerror(ctypes.get_errno()))
                turns += 1
        sys.exit(build.returncode)
        """

    /// Whether the image, or anything that is kept, holds a text.
    private func holds(_ text: String) throws -> Bool {
        let line = """
            find out cache tmp home -type f 2>/dev/null | while read -r f; do gzip -dcq "$f" 2>/dev/null || cat "$f"; done \
                | grep -caF -- "$TEXT"
            """
        return try Command(shell: line).at(site.scratch.path).with("TEXT", text).run().line != "0"
    }

    @Test(arguments: [
        "COPY d/x/f1 /copied", "COPY d/x /dir/", "COPY d/*/f* /all/", "COPY --parents d/x/./f1 /p/",
        "RUN --mount=source=d/x,target=/m cat /m/*; cp -r /m /taken",
        "RUN --mount=source=d,target=/m cat /m/*/f1; cp -rL /m /taken; true",
        "RUN --mount=source=d/x/f1,target=/m cat /m; cp /m /taken",
    ])
    func `a link that is flipped in the context leads nowhere`(instruction: String) throws {
        let outcome = try work.building("FROM base\n" + instruction).behind(
            "python3", "-c", Self.flipping, site.scratch["ctx/d/x"].string, site.scratch["ctx/d/y"].string
        ).run()
        #expect(outcome.status <= 1, "\(outcome.errors)")
        if outcome.status == 1 { #expect(outcome.errors.contains("varve: Dockerfile: line 2, ")) }
        #expect(!outcome.errors.contains(Self.sentinel))
        #expect(try !holds(Self.sentinel))
    }

    /// What may not change: the files that links of a cache lead to.
    private func outside() throws -> [String] { try Workplace.snapshot(of: site.scratch["outside"]) }

    @Test(arguments: [("namespaces", "shared"), ("chroot", "locked")])
    func `a link in a cache that builds share leads nowhere`(isolation: String, sharing: String) throws {
        if isolation == "chroot" { try Requirement.root() }
        var work = work
        work.isolation = isolation
        let before = try outside()
        let place = site.scratch["outside"].string
        let cache = "--mount=type=cache,id=x,sharing=\(sharing),target=/c"
        _ = try work.output(
            "FROM base\nRUN \(cache) ln -s \(place) /c/out; ln -s \(place)/f1 /c/f; ln -s /etc /c/etc")
        // What is mounted at or below such a link is mounted in the image.
        for mount in [
            "--mount=type=tmpfs,target=/c/out", "--mount=type=tmpfs,target=/c/out/sub",
            "--mount=type=cache,id=y,target=/c/out/new", "--mount=type=bind,source=d,target=/c/etc/new",
            "--mount=type=secret,id=s,target=/c/f",
        ] {
            try site.scratch.write("s", "secret")
            let outcome = try work.building(
                "FROM base\nRUN \(cache) \(mount) cat /c/out/f1 /c/f; echo x > /c/out/f2; echo x > /c/f; true",
                ["--secret", "id=s,src=s"]
            ).run()
            #expect(outcome.status <= 1, "\(outcome.errors)")
            #expect(!outcome.errors.contains(Self.sentinel), "\(mount)")
            #expect(try outside() == before, "\(mount)")
        }
        #expect(try !holds(Self.sentinel))
    }

    @Test func `a cache whose links are flipped by another build leads nowhere`() throws {
        let before = try outside()
        let place = site.scratch["outside"].string
        let cache = "--mount=type=cache,id=x,target=/c"
        let script = """
            other=("${@/oci:out:app/oci:second:app}"); for i in "${!other[@]}"; do
                if [ "${other[i]}" = ctx ]; then other[i]=other; fi
            done
            "${other[@]}" >/dev/null 2>other.log & other=$!
            for i in $(seq 600); do grep -qs '| flipping' other.log && break; sleep 0.05; done
            "$@"; code=$?; kill -TERM $other; wait $other; [ $? = 143 ] || exit 99; exit $code
            """
        let turns = "while :; do ln -sfn \(place) /c/d; rm /c/d; mkdir /c/d; rmdir /c/d; done 2>/dev/null"
        try site.scratch.write("other/Dockerfile", "FROM base\nRUN \(cache) echo flipping; \(turns)\n")
        let mounts = "--mount=type=tmpfs,target=/c/d/new --mount=type=cache,id=y,target=/c/d/sub"
        let runs = (1...4).map {
            "RUN \(cache) \(mounts) echo \($0) > /c/d/sub/f2; echo \($0) > /c/d/f2; true"
        }
        let outcome = try work.building("FROM base\n" + runs.joined(separator: "\n"))
            .behind("bash", "-c", script, "bash").run()
        #expect(outcome.status <= 1, "\(outcome.errors)")
        #expect(try outside() == before)
        #expect(try !holds(Self.sentinel))
    }

    // MARK: Secrets

    @Test(arguments: [
        ("namespaces", "true"), ("namespaces", "exit 3"), ("namespaces", "kill -9 $$"), ("chroot", "true"),
        ("chroot", "cat /run/secrets/key >/dev/null; /none"),
    ])
    func `a secret stands nowhere, also where its program fails`(isolation: String, end: String) throws {
        if isolation == "chroot" { try Requirement.root() }
        var work = work
        work.isolation = isolation
        let secret = "s3cr3t-\(UInt64.random(in: .min ... .max))"
        try site.scratch.write("home/key", "\(secret)")
        let outcome = try work.building(
            "FROM base\nRUN --mount=type=secret,id=key --mount=type=secret,id=key,env=KEY test ${#KEY} -gt 9 && \(end)",
            ["--secret", "id=key,src=home/key", "--provenance", "out.json"]
        ).run()
        #expect(outcome.status == (end == "true" ? 0 : 1))
        #expect(!outcome.errors.contains(secret))
        try Command(["rm", site.scratch["home/key"].string]).succeed()
        #expect(try !holds(secret))
        if end == "true" {
            #expect(
                try !String(decoding: content(of: site.scratch["out.json"]), as: UTF8.self).contains(secret))
        }
    }
}

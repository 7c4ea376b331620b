import OCI
import SystemPackage
import Testing

@testable import Build

struct ExecutorRequestTests {
    private static func request(
        _ words: [String], _ variables: [String: String] = [:]
    ) throws -> ExecutorRequest {
        try ExecutorRequest(words.map { Array($0.utf8) }, variables: variables)
    }

    private static func outputs(_ request: ExecutorRequest) -> [String] {
        request.outputs.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (["-d", "r.io/a:1", "-d", "r.io/b:2"], ["docker://r.io/a:1", "docker://r.io/b:2"]),
        (["-d", "r.io/a:1", "--no-push"], []),
        (["-d", "r.io/a:1", "--no-push", "--tar-path", "i.tar"], ["docker-archive:i.tar:r.io/a:1"]),
        (
            ["-d", "r.io/a:1", "--oci-layout-path=out", "--tar-path=i.tar"],
            ["oci:out:1", "docker-archive:i.tar:r.io/a:1", "docker://r.io/a:1"]
        ),
        (["--oci-layout-path", "/out"], ["oci:/out:latest"]),
        (["--tar-path", "i.tar"], ["docker-archive:i.tar"]),
        (["--no-push"], []),
    ]) func `the image goes where the flags say`(words: [String], places: [String]) throws {
        #expect(try Self.outputs(Self.request(words)) == places)
    }

    @Test func `a variable stops the push as the flag does, and the flag goes before it`() throws {
        let off = ["KANIKO_NO_PUSH": "true"]
        #expect(try Self.request(["-d", "r.io/a"], off).outputs == [])
        #expect(try Self.request(["-d", "r.io/a", "--no-push=false"], off).outputs.count == 1)
    }

    @Test(arguments: [
        ([], "or use --no-push"), (["--no-push", "--cache"], "--cache-repo"),
        (["--no-push", "--image-name-with-digest-file=f"], "give --destination"),
        (["--no-push", "--compression=zstd", "--tar-path=t"], "zstd"),
        (["--no-push", "--compression=zstd", "--image-format=docker"], "zstd"),
        (["--no-push", "--tar-path=t", "--image-format=oci"], "docker archive"),
        (["--no-push", "--compression=lz4"], "lz4"), (["--no-push", "--verbosity=loud"], "loud"),
        (["--no-push", "--log-format=xml"], "xml"), (["-d", "r.io/A:1"], "upper-case"),
        (["--no-push", "--git=branches=x", "--context=git://h/r"], "branches=x"),
        (["--no-push", "--git=insecure-skip-tls=true", "--context=git://h/r"], "http.sslCAInfo"),
    ]) func `what contradicts itself is refused`(words: [String], saying text: String) {
        let error = #expect(throws: BuildError.self) { try Self.request(words) }
        #expect(error.map { "\($0)".contains(text) } ?? false, "\(String(describing: error))")
        #expect(error.map { ErrorClass(of: $0) } == .usage)
    }

    @Test func `files that tell of the image are Kaniko's to the byte`() throws {
        let words = [
            "-d", "registry.example.com:5000/team/app:1.0", "-d", "app", "--digest-file=d",
            "--image-name-with-digest-file=n", "--image-name-tag-with-digest-file=t",
        ]
        let digest = try Digest(parsing: "sha256:" + String(repeating: "ab", count: 32))
        let files = try Self.request(words, ["BUILDER_OUTPUT": "/b"]).build.results.others
        let content = files.map { String(decoding: $0.content(digest), as: UTF8.self) }
        #expect(files.map(\.path) == ["d", "n", "t", "/b/images"])
        #expect(content[0] == "\(digest)")
        #expect(
            content[1]
                == "registry.example.com:5000/team/app@\(digest)\nindex.docker.io/library/app@\(digest)\n")
        #expect(
            content[2]
                == "registry.example.com:5000/team/app:1.0@\(digest)\nindex.docker.io/library/app:latest@\(digest)\n"
        )
        #expect(
            content[3] == """
                {"name":"registry.example.com:5000/team/app:1.0","digest":"\(digest)"}
                {"name":"app","digest":"\(digest)"}

                """)
        let quiet = try Self.request(words + ["--no-push"], ["BUILDER_OUTPUT": "/b"]).build.results.others
        #expect(quiet.map(\.path) == ["d", "n", "t"])
    }

    @Test(
        arguments: [
            ([], [:], "/workspace/"), (["-c", "dir:///src"], [:], "dir:///src"),
            (["-c", "git://h.io/r.git"], [:], "git+https://h.io/r.git"),
            (
                ["-c", "git://h.io/r.git#refs/heads/x#" + String(repeating: "a", count: 40)], [:],
                "git+https://h.io/r.git#refs/heads/x#" + String(repeating: "a", count: 40)
            ),
            (["-c", "git://h.io/r.git"], ["GIT_PULL_METHOD": "http"], "git+http://h.io/r.git"),
            (
                ["-c", "git://h.io/r.git", "--git", "branch=main,single-branch=true,depth=1"], [:],
                "git+https://h.io/r.git#refs/heads/main"
            ),
            (["-c", "ctx.tar.gz", "-b", "bucket"], [:], "gs://bucket/ctx.tar.gz"),
            (["-c", "tar://stdin"], [:], "tar://stdin"),
        ] as [([String], [String: String], String)])
    func `the context is one of varve's`(words: [String], variables: [String: String], place: String) throws {
        let request = try Self.request(["--no-push"] + words, variables)
        #expect(String(decoding: request.build.context, as: UTF8.self) == place)
    }

    @Test func `without --cache nothing is cached, with it the destination's repository is the cache`() throws
    {
        let none = try Self.request(["-d", "r.io/a:1"]).build.cache
        #expect(!none.isRead && !none.isWritten && none.sources == [])
        let cache = try Self.request(["-d", "r.io/a:1", "--cache"]).build.cache
        #expect(cache.sources == ["r.io/a/cache"] && cache.destinations == ["r.io/a/cache"])
        #expect(cache.maximumAge == 1_209_600 && cache.keepsPrograms)
        let other = try Self.request([
            "--no-push", "--cache=true", "--cache-repo=r.io/c", "--no-push-cache", "--cache-ttl=6h",
            "--cache-run-layers=false", "--cache-dir=/c",
        ]).build.cache
        #expect(other.sources == ["r.io/c"] && other.destinations == [] && other.maximumAge == 21600)
        #expect(other.directory == "/c" && !other.keepsPrograms)
        let local = try Self.request(["--no-push", "--cache", "--cache-repo=oci:/layers"]).build.cache
        #expect(local.directory == "/layers" && local.sources == [])
    }

    @Test func `flags without a meaning say why, once, and only where they ask for something`() throws {
        let notes = try Self.request([
            "--no-push", "--cleanup", "--snapshot-mode=redo", "--use-new-run=false",
            "--compressed-caching=true",
            "--single-snapshot",
        ]).notes
        #expect(
            notes.map { String($0.prefix { $0 != ":" }) } == [
                "--cleanup", "--snapshot-mode", "--single-snapshot",
            ])
    }

    @Test func `what is reproducible has no times, unless somebody names one`() throws {
        #expect(try Self.request(["--no-push", "--reproducible"]).build.layers.sourceDateEpoch == "0")
        let epoch = ["SOURCE_DATE_EPOCH": "5"]
        #expect(try Self.request(["--no-push", "--reproducible"], epoch).build.layers.sourceDateEpoch == nil)
    }

    @Test func `registries are spoken to as the flags say`() throws {
        let request = try Self.request([
            "-d", "r.io:5000/a:1", "--insecure", "--insecure-registry=i.io",
            "--skip-tls-verify-registry=u.io",
            "--registry-mirror=m.io", "--registry-map=a.io=b.io;c.io=d.io", "--push-retry=9",
            "--registry-certificate=c.io=/ca.pem", "--registry-client-cert=c.io=/c.pem,/k.pem",
            "--push-ignore-immutable-tag-errors",
        ])
        var settings = try DistributionSettings()
        try request.fill(&settings, variables: ["KANIKO_REGISTRY_MIRROR": "not.io"])
        #expect(settings.maybePlainRegistries == ["i.io", "r.io:5000"])
        #expect(settings.unverifiedRegistries == ["u.io"] && settings.mirrors == ["m.io"])
        #expect(settings.maps == ["a.io=b.io", "c.io=d.io"] && settings.tries == 10)
        #expect(settings.registryCertificates.map(\.registry) == ["c.io", "c.io"])
        #expect(settings.registryCertificates[0].authority == "/ca.pem" && settings.toleratesImmutableTags)
        #expect(settings.registryCertificates[1].client?.key == "/k.pem")
        #expect(!settings.maybePlainToPull && !settings.verifiesNobodyToPull)
        var others = try DistributionSettings()
        try Self.request(["--no-push"]).fill(&others, variables: ["KANIKO_REGISTRY_MIRROR": "a.io,b.io"])
        #expect(others.mirrors == ["a.io", "b.io"] && others.tries == nil)
    }

    @Test func `what holds for pulls holds for no push, and the cache's registry is one of those pushed to`()
        throws
    {
        let request = try Self.request([
            "-d", "r.io/a:1", "--cache=true", "--cache-repo=c.io/layers", "--insecure", "--skip-tls-verify",
            "--insecure-pull", "--skip-tls-verify-pull",
        ])
        var settings = try DistributionSettings()
        try request.fill(&settings, variables: [:])
        #expect(settings.maybePlainToPull && settings.verifiesNobodyToPull)
        #expect(settings.maybePlainRegistries == ["c.io", "r.io"])
        #expect(settings.unverifiedRegistries == ["c.io", "r.io"])
    }

    @Test(
        "a path that cannot be written to is refused before anything is built",
        arguments: ["--tar-path=a:b.tar", "--oci-layout-path=out:1"])
    func colon(argument: String) throws {
        let error = #expect(throws: BuildError.self) { try Self.request(["--no-push", argument]) }
        #expect("\(try #require(error))".contains("a path with a colon"))
    }

    @Test func `an archive called - is a file`() throws {
        #expect(
            try Self.request(["--no-push", "--tar-path=-"]).outputs == [Array("docker-archive:./-".utf8)])
    }

    @Test func `provenance goes where a variable says`() throws {
        func destination(_ variables: [String: String]) throws -> String {
            switch try Self.request(["--no-push"], variables).build.provenance.destination {
            case .none: "none"
            case .beside: "beside"
            case .file(let path): path.string
            }
        }
        #expect(try destination([:]) == "none")
        #expect(try destination(["VARVE_PROVENANCE": "/p.json"]) == "/p.json")
        #expect(try destination(["VARVE_PROVENANCE": "none"]) == "none")
    }
}

import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// What a build's provenance says, and what it must not say.
@Suite(.timeLimit(.minutes(30)))
struct BuildProvenanceTests {
    private let site: BuildSite
    private var scratch: Scratch { site.scratch }

    init() throws { site = try BuildSite() }

    private static let canary = "c4n4ry-7f3a91"

    private func provenance(_ flags: [String] = [], variables: [String] = []) throws -> (
        statement: JSONValue, outcome: Command.Outcome
    ) {
        let outcome = try site.building(flags + ["--provenance", "p.json"], variables: variables).succeed()
        return (try JSONValue(parsing: content(of: scratch["p.json"])), outcome)
    }

    /// A dependency by the end of its name or URI.
    private func dependency(_ end: String, in statement: JSONValue) -> JSONValue? {
        statement[path: "predicate.buildDefinition.resolvedDependencies"]?.array?.first {
            $0["name"]?.string?.hasSuffix(end) == true || $0["uri"]?.string?.contains(end) == true
        }
    }

    /// The files below the scratch directory that hold a text, but for those that the test wrote itself.
    private func holders(of text: String) throws -> [String] {
        // A layout's blobs are searched as they are and unpacked.
        try Command(
            shell: """
                grep -rlaF -e '\(text)' cache out* tmp p.json 2>/dev/null
                for f in $(find out cache -path '*sha256*' -type f); do [ "$(gzip -dcq "$f" 2>/dev/null | grep -caF -e '\(text)')" = 0 ] || echo "$f"
                done
                """
        ).at(scratch.path).succeed().text.split(separator: "\n").map(String.init)
    }

    @Test func `everything that a build was made of is a dependency`() throws {
        let registry = try FaultyRegistry()
        let base = try site.image("base", "echo base > motd")
        let digest = try site.varve(["push", base, "\(registry.host)/base:1", "-q"]).succeed().line
        let repository = try SampleRepository(in: scratch)
        try Command(["cp", "-r", repository.path.appending(".git").string, scratch["web/b.git"].string])
            .behind("sh", "-c", "mkdir -p '\(scratch["web"])'; exec \"$@\"", "sh").succeed()
        try scratch.write("web/file", "fetched\n")
        let server = try FileServer(of: scratch["web"])
        try scratch.write("lib/x", "lib\n")
        try site.write("a.txt", "a\n")
        try site.write(
            "Dockerfile",
            """
            FROM \(registry.host)/base:1
            ADD \(server.url)/file /
            ADD \(server.url)/b.git /repo/
            COPY --from=lib x /
            COPY a.txt /
            """)
        let (statement, _) = try provenance(["--build-context", "lib=lib"])
        #expect(
            dependency("base:1", in: statement)?[path: "digest.sha256"]?.string == String(digest.dropFirst(7))
        )
        let sum = try sha256sum(scratch["web/file"]).dropFirst(7)
        #expect(dependency("/file", in: statement)?[path: "digest.sha256"]?.string == String(sum))
        let all = statement[path: "predicate.buildDefinition.resolvedDependencies"]?.array ?? []
        #expect(all.compactMap { $0[path: "digest.gitCommit"]?.string } == [repository.commit])
        #expect(dependency("context lib", in: statement)?[path: "digest.sha256"]?.string?.count == 64)
        #expect(dependency("context", in: statement)?[path: "digest.sha256"]?.string?.count == 64)
        let file = try sha256sum(scratch["ctx/Dockerfile"]).dropFirst(7)
        #expect(dependency("Dockerfile", in: statement)?[path: "digest.sha256"]?.string == String(file))
        // What was read of the context is its digest: a change of what is copied changes it, another one does not.
        let before = dependency("context", in: statement)
        try site.write("not-copied", "x\n")
        #expect(
            dependency("context", in: try provenance(["--build-context", "lib=lib"]).statement) == before)
        try site.write("a.txt", "b\n")
        #expect(
            dependency("context", in: try provenance(["--build-context", "lib=lib"]).statement) != before)
    }

    @Test func `a layer says which instruction made it, and whether the cache had it`() throws {
        try site.write("a.txt", "a\n")
        try site.write(
            "Dockerfile",
            "FROM scratch AS one\n\nCOPY a.txt /one\nFROM one AS two\nLABEL a=b\nCOPY a.txt /two\n")
        for expected in ["miss", "hit"] {
            let (statement, outcome) = try provenance()
            let layers = try #require(statement[path: "predicate.runDetails.byproducts"]?.array)
            #expect(layers.map { $0[path: "annotations.stage"]?.string } == ["one", "two"])
            #expect(layers.map { $0[path: "annotations.line"]?.int64 } == [3, 6])
            #expect(
                layers.map { $0[path: "annotations.instruction"]?.string } == [
                    "COPY a.txt /one", "COPY a.txt /two",
                ])
            #expect(layers.allSatisfy { $0[path: "annotations.cache"]?.string == expected })
            let built = try Built(outcome, layout: scratch["out"])
            #expect(layers.map { "sha256:" + ($0[path: "digest.sha256"]?.string ?? "") } == built.layers)
        }
    }

    @Test func `the request is complete`() throws {
        try site.write("sub/Dockerfile", "ARG V=1\nFROM scratch AS one\nARG V\nLABEL v=$V\nFROM one\n")
        let (statement, _) = try provenance([
            "-f", "ctx/sub/Dockerfile", "--target", "one", "--build-arg", "V=2", "--platform", "linux/arm64",
            "--label", "l=m", "--annotation", "n=o", "--compression", "zstd", "--source-date-epoch", "7",
        ])
        let parameters = try #require(
            statement[path: "predicate.buildDefinition.externalParameters.parameters"])
        for (key, value) in [
            ("command", "build"), ("dockerfile", "ctx/sub/Dockerfile"), ("target", "one"),
            ("buildArg.V", "2"),
            ("platform", "linux/arm64"), ("label.l", "m"), ("annotation.n", "o"), ("compression", "zstd"),
            ("sourceDateEpoch", "7"), ("context", "ctx"),
        ] {
            #expect(parameters[path: key]?.string == value, "\(key)")
        }
        #expect(
            statement[path: "predicate.buildDefinition.buildType"]?.string
                == "https://varve.dev/build-types/dockerfile/v1")
    }

    @Test func `a build argument that looks secret is in no file that a build writes, and in no message`()
        throws
    {
        try site.write("a.txt", "a\n")
        try site.write(
            "Dockerfile",
            "ARG API_TOKEN\nFROM scratch\nARG API_TOKEN\nARG PLAIN=v\nCOPY a.txt /\nWORKDIR /w\n")
        let (statement, outcome) = try provenance(["--build-arg", "API_TOKEN=\(Self.canary)"])
        #expect(
            statement[path: "predicate.buildDefinition.externalParameters.parameters.buildArg.API_TOKEN"]?
                .string == "redacted")
        #expect(try holders(of: Self.canary) == [])
        #expect(try !holders(of: "ARG PLAIN=v").isEmpty, "the search finds what is there")
        #expect(!outcome.errors.contains(Self.canary))
        let history = try Built(outcome, layout: scratch["out"]).configuration["history"]?.array ?? []
        let texts = history.compactMap { $0["created_by"]?.string }
        #expect(texts.contains("ARG API_TOKEN") && texts.contains("ARG PLAIN=v"), "\(texts)")
    }

    @Test(arguments: ["user:CANARY@HOST/file", "HOST/file?token=CANARY&x=1"])
    func `a login in ADD's URL is in no file that a build writes, and in no message`(place: String) throws {
        let server = try FileServer(["/file": Array("fetched\n".utf8)])
        let url =
            "http://"
            + place.replacing("CANARY", with: Self.canary).replacing(
                "HOST", with: "\(server.url.dropFirst(7))")
        try site.write("Dockerfile", "FROM scratch\nADD \(url) /x\n")
        let (_, outcome) = try provenance()
        #expect(!outcome.errors.contains(Self.canary), "\(outcome.errors)")
        #expect(try holders(of: Self.canary) == [])
        let plan = try site.varve(["build", "ctx", "--plan", "--cache-dir", "cache"]).succeed()
        #expect(!plan.text.contains(Self.canary) && !plan.errors.contains(Self.canary), "\(plan.text)")
        try site.write("Dockerfile", "FROM scratch\nADD \(url.replacing("/file", with: "/none")) /x\n")
        let failed = try site.building().run()
        #expect(failed.status == 1 && !failed.errors.contains(Self.canary), "\(failed.errors)")
    }

    @Test func `no program that is started gets a password, and no file does`() throws {
        let repository = try SampleRepository(in: scratch)
        try SignedImage.generateKey("cosign", in: scratch)
        let git = try scratch.write(
            "bin/git", "#!/bin/sh\nenv >> '\(scratch["seen"])'\nexec /usr/bin/git \"$@\"\n")
        try Command(["chmod", "755", git.string]).succeed()
        let registry = try FaultyRegistry(access: .basic(user: "user", password: Self.canary))
        let auth = try Command(shell: "printf 'user:\(Self.canary)' | base64").succeed().line
        try scratch.write("home/.docker/config.json", #"{"auths":{"\#(registry.host)":{"auth":"\#(auth)"}}}"#)
        let words = [
            "build", "git+file://\(repository.path)", "--cache-dir", "cache", "-o", "oci:out:app", "-t",
            "\(registry.host)/app:1", "--push",
        ]
        let outcome = try site.varve(
            words,
            [
                "PATH=\(scratch["bin"]):/usr/bin:/bin", "GIT_TOKEN=\(Self.canary)",
                "REGISTRY_PASSWORD=\(Self.canary)",
            ]
        ).succeed()
        #expect(registry.count("PUT", "/manifests/1") == 1)
        #expect(!outcome.errors.contains(Self.canary))
        #expect(try holders(of: Self.canary) == [])
        let seen = try text(of: scratch["seen"])
        #expect(seen.contains("HOME=") && !seen.contains("GIT_TOKEN") && !seen.contains("COSIGN_PASSWORD"))
        #expect(
            !seen.split(separator: "\n").contains {
                $0.contains(Self.canary) && !$0.hasPrefix("REGISTRY_PASSWORD")
            })
    }

    @Test func `signed provenance is verified, and in-toto's reader accepts it`() throws {
        try SignedImage.generateKey("cosign", in: scratch)
        try site.write("a.txt", "a\n")
        try site.write("Dockerfile", "FROM scratch\nCOPY a.txt /\nARG PASSWORD=x\nLABEL a=b\n")
        let words = [
            "build", "ctx", "-q", "--cache-dir", "cache", "-o", "oci:out:app", "--sign-key", "cosign.key",
        ]
        let digest = try site.varve(words + ["--build-arg", "PASSWORD=y"]).succeed().line
        try site.varve(["verify", "oci:out:app", "--key", "cosign.pub"]).succeed()
        let path = scratch["out.provenance/\(digest.dropFirst(7)).intoto.jsonl"]
        let statement = try #require(try SignedImage.statements(in: path).first)
        #expect(statement[path: "subject.0.digest.sha256"]?.string == String(digest.dropFirst(7)))
        let file = try scratch.write(
            "statement.json", String(decoding: statement.serialized(), as: UTF8.self))
        let checked = try Check.run("statement.py", [file.string])
        #expect(checked.status == 0 && checked.text + checked.errors == "", "\(checked.text)")
    }
}

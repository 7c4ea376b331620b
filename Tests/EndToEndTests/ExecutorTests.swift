import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// `varve executor`: Kaniko's command lines, with a real registry.
struct ExecutorTests {
    private let site: BuildSite
    private let registry: RealRegistry
    private var base: String { "\(registry.host)/base:1" }
    private var app: String { "\(registry.host)/team/app" }

    init() throws {
        site = try BuildSite()
        registry = try RealRegistry()
        let layout = try RunWorkplace.base.get().scratch["base"]
        try site.varve(["copy", "oci:\(layout):app", base, "-q"]).succeed()
    }

    private func executor(_ words: String..., variables: [String] = []) -> Command {
        site.varve(["executor"] + words, variables)
    }

    private func write(_ dockerfile: String) throws {
        try site.write("Dockerfile", "FROM \(base)\n\(dockerfile)\n")
    }

    /// The names of a layer's entries, the last layer's.
    private func names(_ image: String) throws -> [String] {
        try site.varve(["unpack", image, "tree", "-q"]).succeed()
        defer { _ = try? Command(["rm", "-rf", site.scratch["tree"].string]).run() }
        return try Command(shell: "cd \(site.scratch["tree"]) && find . -newermt 2001-12-31 -type f | sort")
            .succeed().text.split(separator: "\n").map(String.init)
    }

    @Test func `one line builds, pushes, and tells of it in every file`() throws {
        try write("RUN echo built > /made\nCMD [\"cat\", \"/made\"]")
        let outcome = try executor(
            "--context=dir://\(site.scratch["ctx"])", "--dockerfile=Dockerfile", "-d", "\(app):1.0", "-d",
            "\(app):next",
            "--tar-path=image.tar", "--oci-layout-path", "layout", "--digest-file=told/digest",
            "--image-name-with-digest-file=told/names", "--image-name-tag-with-digest-file=told/tags",
            "--cleanup",
            "--snapshot-mode=redo", variables: ["BUILDER_OUTPUT=\(site.scratch["output"])"]
        ).succeed()
        let digest = outcome.line
        #expect(try text(of: site.scratch["told/digest"]) == digest)
        #expect(try text(of: site.scratch["told/names"]) == "\(app)@\(digest)\n\(app)@\(digest)\n")
        #expect(try text(of: site.scratch["told/tags"]) == "\(app):1.0@\(digest)\n\(app):next@\(digest)\n")
        #expect(
            try text(of: site.scratch["output/images"]) == """
                {"name":"\(app):1.0","digest":"\(digest)"}
                {"name":"\(app):next","digest":"\(digest)"}

                """)
        for tag in ["1.0", "next"] {
            #expect(
                try site.varve(["copy", "\(app):\(tag)", "oci:back:\(tag)", "-q"]).succeed().line == digest)
        }
        let index =
            try JSONValue(parsing: content(of: site.scratch["layout/index.json"]))["manifests"]?.array ?? []
        #expect(index.count == 1 && index[0]["digest"]?.string == digest)
        #expect(index[0]["annotations"]?["org.opencontainers.image.ref.name"]?.string == "1.0")
        let archive = try Command(["tar", "-xOf", site.scratch["image.tar"].string, "manifest.json"])
            .succeed()
        let tags = try JSONValue(parsing: Array(archive.text.utf8)).array?.first?["RepoTags"]?.array ?? []
        #expect(tags.compactMap(\.string) == ["\(app):1.0", "\(app):next"])
        #expect(
            outcome.errors.contains("note: --cleanup: ") && outcome.errors.contains("note: --snapshot-mode: ")
        )
        #expect(try names("\(app):1.0") == ["./made"])
        #expect(try Directory.open(site.scratch["tmp"]).names() == [])
    }

    @Test func `an image that goes nowhere is built all the same`() throws {
        try write("RUN echo ran >&2")
        let outcome = try executor("-c", "ctx", "--no-push").succeed()
        #expect(outcome.errors.contains("| ran"))
        try write("RUN false")
        let failure = try executor("-c", "ctx", "--no-push").run()
        #expect(failure.status == 1 && failure.errors.contains("line 2"))
    }

    @Test func `under its own name it is the executor`() throws {
        try write("RUN true")
        let link = site.scratch["executor"]
        try Command(["ln", "-s", Command.varvePath.string, link.string]).succeed()
        let own = [
            "PATH=/usr/bin:/bin", "HOME=\(site.scratch["home"])", "VARVE_ISOLATION=namespaces",
            "TMPDIR=\(site.scratch["tmp"])",
        ]
        let command = Command(["env", "-i"] + own + [link.string, "--context", "ctx", "-d", "\(app):1"])
        let digest = try command.at(site.scratch.path).succeed().line
        #expect(try site.varve(["copy", "\(app):1", "oci:back:1", "-q"]).succeed().line == digest)
        let version = try Command([link.string, "version"]).succeed().text
        #expect(version.hasPrefix("varve "))
    }

    @Test func `with --cache the destination's repository has the layers for the next machine`() throws {
        try write("RUN echo slow > /slow\nCOPY Dockerfile /")
        let line = ["-c", "ctx", "-d", "\(app):1", "--cache=true"]
        let first = try site.varve(["executor"] + line, ["VARVE_CACHE_DIR=\(site.scratch["one"])"]).succeed()
        let second = try site.varve(["executor"] + line, ["VARVE_CACHE_DIR=\(site.scratch["two"])"]).succeed()
        #expect(first.line == second.line)
        #expect(
            second.errors.split(separator: "\n").count { $0.hasSuffix("  cached") } == 2, "\(second.errors)")
        let old = try site.varve(
            ["executor"] + line + ["--cache-ttl=1ns"], ["VARVE_CACHE_DIR=\(site.scratch["two"])"]
        ).succeed()
        #expect(old.errors.contains("too old"), "\(old.errors)")
        let again = try site.varve(
            ["executor"] + line + ["--cache-run-layers=false"], ["VARVE_CACHE_DIR=\(site.scratch["two"])"]
        ).succeed()
        #expect(again.errors.contains("RUN echo slow > /slow  (the cache is not asked)"), "\(again.errors)")
    }

    @Test func `that an instruction changes nothing is believed no longer than a layer`() throws {
        try write("RUN true")
        func outcome(_ flag: String) throws -> String {
            let line = ["executor", "-c", "ctx", "-d", "\(app):1", "--cache=true", flag]
            return try site.varve(line).succeed().errors
        }
        #expect(try !outcome("--cache-ttl=1h").contains("  cached"))
        #expect(try outcome("--cache-ttl=1h").contains("RUN true  cached"))
        #expect(try outcome("--cache-ttl=1ns").contains("RUN true  (its layer in the cache is too old)"))
    }

    @Test(arguments: ["namespaces", "chroot"])
    func `what is ignored is in no layer`(isolation: String) throws {
        try write("RUN mkdir -p /a/b; echo x > /a/b/c; echo y > /a/bc; echo z > /d; rm /etc/motd")
        _ = try executor(
            "-c", "ctx", "-d", "\(app):1", "--ignore-path=/a/b", "--ignore-path", "/d", "--ignore-path=/etc",
            variables: ["VARVE_ISOLATION=\(isolation)"]
        ).succeed()
        #expect(try names("\(app):1") == ["./a/bc"])
        try site.varve(["unpack", "\(app):1", "all", "-q"]).succeed()
        #expect(Machine.exists(site.scratch["all/etc/motd"]) && !Machine.exists(site.scratch["all/a/b"]))
    }

    @Test func `a part of an archive can be the context, and the Dockerfile another's`() throws {
        try site.write("sub/data", "from the archive\n")
        try site.write("sub/Dockerfile", "FROM \(base)\nCOPY data /data\n")
        try Command(["tar", "-czf", site.scratch["ctx.tar.gz"].string, "-C", site.scratch["ctx"].string, "."])
            .succeed()
        let sub = ["--context-sub-path=sub", "--no-push", "--oci-layout-path=out"]
        try site.varve(["executor", "--context=tar://ctx.tar.gz"] + sub).succeed()
        #expect(try names("oci:out:latest") == ["./data"])
        try site.scratch.write("own.Dockerfile", "FROM \(base)\nCOPY data /other\n")
        try site.varve(["executor", "--context=tar://ctx.tar.gz", "-f", "own.Dockerfile"] + sub).succeed()
        #expect(try names("oci:out:latest") == ["./other"])
        let stdin = site.varve(["executor", "--context=tar://stdin"] + sub)
        try stdin.reading(site.scratch["ctx.tar.gz"]).succeed()
        #expect(try names("oci:out:latest") == ["./data"])
    }

    @Test func `an object store's own program fetches the context`() throws {
        try site.write("Dockerfile", "FROM \(base)\nCOPY Dockerfile /here\n")
        try Command(["tar", "-czf", site.scratch["ctx.tar.gz"].string, "-C", site.scratch["ctx"].string, "."])
            .succeed()
        try site.scratch.write(
            "bin/aws",
            "#!/bin/sh\ntest \"$*\" = \"s3 cp --only-show-errors s3://b/o $5\" && cp ctx.tar.gz \"$5\"\n")
        try Command(["chmod", "755", site.scratch["bin/aws"].string]).succeed()
        // Nothing else of this machine's is on PATH: it may have such a program itself.
        for name in ["sh", "cp", "timeout"] {
            try Command(["ln", "-s", "/usr/bin/\(name)", site.scratch["bin/\(name)"].string]).succeed()
        }
        let path = "PATH=\(site.scratch["bin"])"
        let words = ["executor", "--no-push", "--oci-layout-path=out"]
        try site.varve(words + ["-c", "s3://b/o"], [path]).succeed()
        #expect(try names("oci:out:latest") == ["./here"])
        let missing = try site.varve(words + ["-c", "gs://b/o"], [path]).run()
        #expect(
            missing.status == 1 && missing.errors.contains("no gcloud and no gsutil on PATH"),
            "\(missing.errors)")
        let refused = try site.varve(words + ["-c", "s3://b/other"], [path]).run()
        #expect(
            refused.status == 1 && refused.errors.contains("aws cannot fetch s3://b/other"),
            "\(refused.errors)")
    }

    @Test func `an unchanged line is signed by its environment`() throws {
        try write("RUN true")
        try site.varve(["key", "generate", "--output-prefix", "cosign"], ["COSIGN_PASSWORD=word"]).succeed()
        let key = try text(of: site.scratch["cosign.key"])
        let line = ["executor", "-c", "ctx", "-d", "\(app):1"]
        let secrets = ["COSIGN_PRIVATE_KEY=\(key)", "COSIGN_PASSWORD=word"]
        try site.varve(line, secrets + ["VARVE_PROVENANCE=\(site.scratch["p.json"])"]).succeed()
        try site.varve(["verify", "\(app):1", "--key", "cosign.pub"]).succeed()
        try site.varve(["key", "generate", "--output-prefix", "other"], ["COSIGN_PASSWORD=word"]).succeed()
        #expect(try site.varve(["verify", "\(app):1", "--key", "other.pub"]).run().status == 3)
    }

    @Test(arguments: [
        (["--destinaton=x"], "did you mean --destination"), (["-d", "x", "extra"], "takes flags only"),
        ([], "or use --no-push"),
    ]) func `a line that cannot be meant ends with 2`(words: [String], saying text: String) throws {
        let outcome = try site.varve(["executor"] + words).run()
        #expect(outcome.status == 2 && outcome.errors.contains(text), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test func `a tarball is pushed without a build`() throws {
        try write("RUN true")
        let digest = try executor("-c", "ctx", "--no-push", "--tar-path=i.tar", "-d", "\(app):1").succeed()
            .line
        #expect(try executor("push", "i.tar", "-d", "\(app):2").succeed().line == digest)
    }
}

/// `varve plugin`, with a real registry that wants a user.
struct PluginBuildTests {
    @Test func `a step builds and pushes, and the pipeline reads what was pushed`() throws {
        let site = try BuildSite("FROM scratch\nCOPY file /\n")
        try site.write("file", "content\n")
        let registry = try RealRegistry(wantsUser: true)
        let app = "\(registry.host)/team/app"
        let variables = [
            "PLUGIN_REGISTRY=\(registry.host)", "PLUGIN_USERNAME=\(RealRegistry.login.user)",
            "PLUGIN_PASSWORD=\(RealRegistry.login.password)", "PLUGIN_REPO=\(app)", "PLUGIN_TAGS=v1.2.3",
            "PLUGIN_EXPAND_TAG=true", "PLUGIN_CONTEXT=ctx", "PLUGIN_DOCKERFILE=ctx/Dockerfile",
            "PLUGIN_ARTIFACT_FILE=\(site.scratch["artifact.json"])",
            "DRONE_OUTPUT=\(site.scratch["drone.env"])",
        ]
        let outcome = try site.varve(["plugin", "docker"], variables).succeed()
        let lines = outcome.text.split(separator: "\n").map(String.init)
        #expect(
            lines.first?.hasPrefix("+ /kaniko/executor --dockerfile=ctx/Dockerfile --context=dir://ctx")
                ?? false)
        let digest = try #require(lines.last)
        let images =
            try JSONValue(parsing: content(of: site.scratch["artifact.json"]))["data"]?["images"]?.array ?? []
        #expect(images.map { $0["image"]?.string } == ["\(app):1", "\(app):1.2", "\(app):1.2.3"])
        #expect(images.allSatisfy { $0["digest"]?.string == digest })
        #expect(try text(of: site.scratch["drone.env"]) == "digest=\"\(digest)\"\n")
        #expect(!(outcome.text + outcome.errors).contains(RealRegistry.login.password))
        let wrong = try site.varve(["plugin"], variables + ["PLUGIN_PASSWORD=wrong"]).run()
        #expect(wrong.status == 1)
    }
}

import OCI
import SystemPackage
import TestSupport
import Testing

/// `--ci-output`: what a CI system finds once an image is published.
struct CITellingTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.write("tree/file", "content")
        try scratch.write("context/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
    }

    private func varve(_ words: [String], _ variables: [String] = []) -> Command {
        Command(
            ["env", "-i", "PATH=/usr/bin:/bin", "HOME=\(scratch.path)"] + variables + [
                Command.varvePath.string
            ] + words
        )
        .at(scratch.path)
    }

    private func pack(
        _ system: String, _ variables: [String] = [], output: [String] = ["-o", "oci:out:app"]
    ) -> Command {
        varve(["pack", "tree", "-q", "--no-provenance", "--ci-output", system] + output, variables)
    }

    @Test func `Drone's file gets the digest and the archive's path, behind what is there`() throws {
        try scratch.write("env", "OTHER=\"1\"")
        let digest = try pack(
            "auto", ["DRONE=true", "DRONE_OUTPUT=env"], output: ["-o", "docker-archive:sub/a.tar:app:1"]
        ).succeed().line
        #expect(
            try text(of: scratch["env"])
                == "OTHER=\"1\"\nIMAGE_TAR_PATH=\"\(scratch["sub/a.tar"])\"\ndigest=\"\(digest)\"\n")
    }

    @Test func `GitHub's files get outputs and a table`() throws {
        let registry = try RealRegistry()
        let app = "\(registry.host)/team/app"
        let digest = try pack(
            "auto", ["GITHUB_ACTIONS=true", "GITHUB_OUTPUT=output", "GITHUB_STEP_SUMMARY=summary"],
            output: ["-o", "oci:out:app", "--destination", "\(app):1.0"]
        ).succeed().line
        #expect(try text(of: scratch["output"]) == "digest=\(digest)\nimage=\(app)@\(digest)\n")
        let rows = try text(of: scratch["summary"]).split(separator: "\n").dropFirst(2)
        #expect(
            rows.map { $0.prefix(60) }
                == ["<code>\(app):1.0</code> | <code>\(digest)", "<code>app</code> | <code>\(digest)"].map {
                    "| \($0)".prefix(60)
                })
        #expect(rows.allSatisfy { $0.hasSuffix("| 0.1 MB | 1 |") })
    }

    @Test func `a build tells GitLab, and its file is none of the context's`() throws {
        func build() throws -> String {
            try varve(
                [
                    "build", "context", "-q", "--no-provenance", "--ci-output", "gitlab=context/varve.env",
                    "-o", "oci:out:app",
                ]
            ).succeed().line
        }
        try scratch.write("context/Dockerfile", "FROM scratch\nCOPY . /\n")
        let digest = try build()
        #expect(try text(of: scratch["context/varve.env"]) == "IMAGE=app@\(digest)\nIMAGE_DIGEST=\(digest)\n")
        #expect(try build() == digest)
    }

    @Test func `Tekton's results are files`() throws {
        let registry = try RealRegistry()
        let digest = try pack(
            "tekton=results", output: ["--destination", "\(registry.host)/app:1"]
        ).succeed().line
        #expect(try text(of: scratch["results/IMAGE_URL"]) == "\(registry.host)/app:1")
        #expect(try text(of: scratch["results/IMAGE_DIGEST"]) == digest)
    }

    @Test func `Azure's commands come before the digest's line`() throws {
        let lines = try pack("auto", ["TF_BUILD=True"]).succeed().text.split(separator: "\n")
        let digest = try #require(lines.last)
        #expect(
            lines.dropLast() == [
                "##vso[task.setvariable variable=digest;isOutput=true]\(digest)",
                "##vso[task.setvariable variable=image;isOutput=true]app@\(digest)",
            ])
        let outcome = try pack("azure", output: ["-o", "oci-archive:-:app"]).run()
        #expect(outcome.status == 2)
        #expect(outcome.output == [])
    }

    @Test func `auto says nothing where there is no such system`() throws {
        let outcome = try pack("auto").succeed()
        #expect(outcome.errors == "")
        #expect(try Command(["ls", scratch.path.string]).succeed().line == "context\nout\ntree")
    }

    @Test func `a system that cannot be told leaves the image published, and the error says so`() throws {
        let outcome = try pack("github", ["GITHUB_OUTPUT=none/output"]).run()
        #expect(outcome.status == 1)
        let index = try JSONValue(parsing: content(of: scratch["out/index.json"]))
        let digest = index["manifests"]?.array?.first?["digest"]?.string ?? ""
        #expect(
            outcome.errors
                == "varve: the image \(digest) is published, but GitHub Actions could not be told: cannot open none/output: No such file or directory; mend that, or leave --ci-output out\n"
        )
    }

    @Test(arguments: ["jenkins", "drone", "gitlab=", "azure=x"])
    func `a wrong system is told before anything is packed`(system: String) throws {
        let outcome = try pack(system).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.hasPrefix("varve: --ci-output: "), "\(outcome.errors)")
        #expect(try Command(["ls", scratch.path.string]).succeed().line == "context\ntree")
    }
}

import OCI
import SystemPackage
import TestSupport
import Testing

/// `varve plugin slsa` against a real registry: attest, verify, and who is not believed.
struct PluginSLSATests {
    private let place: PluginWorkplace

    init() throws { place = try PluginWorkplace() }

    @Test func `what the pipeline tells is signed, and stands beside the image in both forms`() throws {
        let image = place.work.digest
        let outcome = try place.attest(
            "PLUGIN_BUILDER_IMAGE=registry.example.com:5000/plugins/kaniko:1.7.5",
            "PLUGIN_CI_MANAGER_VERSION=1.0.5801-000", "PLUGIN_BUILDER_ID=\(SignedImage.builder)"
        ).succeed()
        #expect(outcome.text == "\(place.app):sha256-\(image.dropFirst(7)).att\n")
        #expect(outcome.errors == "")

        let statement = try #require(place.statements(about: image).first)
        #expect(statement["_type"] == "https://in-toto.io/Statement/v1")
        #expect(
            statement["subject"]
                == [["name": .string(place.app), "digest": ["sha256": .string("\(image.dropFirst(7))")]]])
        #expect(statement["predicateType"] == "https://slsa.dev/provenance/v1")
        #expect(
            statement[path: "predicate.buildDefinition"] == [
                "buildType": "https://varve.dev/build-types/pipeline/v1",
                "externalParameters": [
                    "codeMetadata": [
                        "repositoryURL": "https://example.com/app", "branch": "main",
                        "commitSha": .string(String(repeating: "d", count: 40)),
                    ],
                    "triggerMetadata": ["triggerType": "push", "triggeredBy": "ann", "triggerEvent": "push"],
                    "buildMetadata": ["image": .string(place.app)],
                ],
                "internalParameters": [
                    "pipelineExecutionId": "e1", "accountId": "a1", "pipelineIdentifier": "p1",
                    "tool": "varve plugin slsa",
                ],
                "resolvedDependencies": [
                    [
                        "uri": "git+https://example.com/app",
                        "digest": ["gitCommit": .string(String(repeating: "d", count: 40))],
                    ]
                ],
            ])
        let details = try #require(statement[path: "predicate.runDetails"])
        #expect(details[path: "builder.id"]?.string == SignedImage.builder)
        let version = try #require(details[path: "builder.version"]?.object)
        #expect(version.keys == ["ci-manager", "plugins/kaniko", "varve"])
        #expect(version["ci-manager"] == "1.0.5801-000")
        #expect(version["plugins/kaniko"] == "1.7.5")
        #expect(
            details[path: "builder.builderDependencies"] == [
                ["uri": "pkg:docker/plugins/kaniko@1.7.5?repository_url=registry.example.com%3A5000"]
            ])
        #expect(details[path: "metadata.invocationId"] == "s1")

        // This registry has no list of referrers: the tag of the fallback stands for it.
        let list = try place.work.skopeo([
            "inspect", "--raw", "--tls-verify=false", "docker://\(place.app):sha256-\(image.dropFirst(7))",
        ]).succeed().output
        #expect(try JSONValue(parsing: list)["manifests"]?.array?.count == 1)
    }

    @Test func `in-toto's reader accepts the statement`() throws {
        try place.attest("PLUGIN_BUILDER_IMAGE=plugins/kaniko:1.7.5").succeed()
        let statement = try #require(place.statements(about: place.work.digest).first)
        let path = try place.scratch.write(
            "statement", String(decoding: statement.serialized(), as: UTF8.self))
        let outcome = try Check.run("statement.py", [path.string])
        #expect(outcome.text + outcome.errors == "")
    }

    @Test func `what was attested verifies, by the step and by varve verify`() throws {
        try place.attest("PLUGIN_BUILDER_IMAGE=plugins/kaniko:1.7.5").succeed()
        let outcome = try place.verify().succeed()
        #expect(outcome.text.hasSuffix("\npassed\n"), "\(outcome.text)")
        #expect(outcome.text.contains(place.work.digest))
        try place.step("verify", ["PLUGIN_DIGEST=\(place.work.digest)"]).succeed()
        try place.work.varve(
            "verify", "\(place.app):1.0", "--key", "cosign.pub", "--source", "git+https://example.com/app",
            "--branch", "main", "--require-builder-version", "plugins/kaniko>=1.7.5"
        ).succeed()
    }

    @Test func `another key ends with 3`() throws {
        try place.attest().succeed()
        try SignedImage.generateKey("other", in: place.scratch)
        let outcome = try place.verify("COSIGN_PUBLIC_KEY=\(try text(of: place.scratch["other.pub"]))").run()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("not by the given key"), "\(outcome.errors)")
        #expect(outcome.text.hasSuffix("\nFAILED\n"))
    }

    @Test func `an image that nobody attested ends with 3, one that is not there with 1`() throws {
        let unsigned = try place.verify().run()
        #expect(unsigned.status == 3)
        #expect(unsigned.errors.contains("nobody attested"), "\(unsigned.errors)")
        let missing = try place.verify("PLUGIN_TAG=none").run()
        #expect(missing.status == 1)
        #expect(missing.errors.contains("there is no image \(place.app):none"), "\(missing.errors)")
    }

    @Test func `each digest gets a statement, wherever its tag has gone`() throws {
        let first = place.work.digest
        let second = try place.work.pack("other", platform: "linux/amd64")
        try place.push("oci:out:other", "1.0")
        let third = try place.work.pack("third", platform: "linux/amd64")
        try place.push("oci:out:third", "1.0")
        let outcome = try place.attest("PLUGIN_DIGESTS=\(first),\(second)").succeed()
        #expect(
            outcome.text
                == [first, second].map { "\(place.app):sha256-\($0.dropFirst(7)).att\n" }.joined())
        try place.step("verify", ["PLUGIN_DIGEST=\(first)"]).succeed()
        try place.step("verify", ["PLUGIN_DIGEST=\(second)"]).succeed()
        #expect(try place.step("verify", ["PLUGIN_DIGEST=\(third)"]).run().status == 3)
    }

    @Test func `two tags of one image are one statement`() throws {
        try place.push("oci:out:app-1.0", "latest")
        let outcome = try place.attest("PLUGIN_TAGS=1.0,latest").succeed()
        #expect(outcome.text.split(separator: "\n").count == 1)
        #expect(try place.statements(about: place.work.digest).count == 1)
    }

    @Test func `an image for several platforms is attested as a whole`() throws {
        let digest = try place.work.makeIndex()
        try place.push("oci:out:many", "many")
        try place.attest("PLUGIN_TAGS=many").succeed()
        try place.step("verify", ["PLUGIN_TAG=many"]).succeed()
        let subject = try place.statements(about: digest).first?["subject"]?.array?.first
        #expect(subject?[path: "digest.sha256"]?.string == "\(digest.dropFirst(7))")
    }

    @Test func `a given predicate is signed with what it leaves out`() throws {
        let predicate =
            #"{"buildDefinition":{"buildType":"https://ci.example.com/t","externalParameters":{"codeMetadata":{"branch":"main"}}},"#
            + #""runDetails":{"builder":{"id":"https://ci.example.com/b"}}}"#
        try place.attest(
            "PROVENANCE_PREDICATE=\(predicate)", "PLUGIN_BUILDER_IMAGE=plugins/kaniko@\(place.work.digest)"
        ).succeed()
        let signed = try #require(place.statements(about: place.work.digest).first?["predicate"])
        #expect(signed[path: "buildDefinition.buildType"] == "https://ci.example.com/t")
        #expect(signed[path: "runDetails.builder.id"] == "https://ci.example.com/b")
        #expect(signed[path: "runDetails.builder.version"]?["plugins/kaniko"]?.string == place.work.digest)
        #expect(signed[path: "runDetails.metadata.invocationId"] == "s1")
        try place.verify().succeed()
    }

    @Test(arguments: [
        ("PLUGIN_TYPE=sign", 2, "PLUGIN_TYPE: "), ("PLUGIN_TAGS=", 2, "PLUGIN_DIGESTS: "),
        ("PROVENANCE_PREDICATE={}", 2, "PROVENANCE_PREDICATE: "),
        ("PLUGIN_TAGS=1.0,none", 1, "there is no image"),
        ("COSIGN_PRIVATE_KEY=canary", 1, "env://COSIGN_PRIVATE_KEY: "),
        ("COSIGN_PASSWORD=canary", 1, "env://COSIGN_PRIVATE_KEY: "),
    ])
    func `after a mistake nothing is attested, and no secret is told`(
        variable: String, status: Int32, reason: String
    ) throws {
        let outcome = try place.attest(variable).run()
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        #expect(!outcome.errors.contains("canary"))
        #expect(try place.step("verify", ["PLUGIN_TAG=1.0"]).run().status == 3)
    }

    @Test func `a key that is elsewhere is told where it can be used`() throws {
        let words = ["PLUGIN_TAGS=1.0", "PLUGIN_TYPE=attest"]
        let plain = try place.step("none", words).run()
        #expect(plain.status == 2)
        #expect(plain.errors.contains("COSIGN_PRIVATE_KEY: it is not set; set it"), "\(plain.errors)")
        let vault = try place.step("none", words + ["KMS_KEY=hashivault://key"]).run()
        #expect(vault.errors.contains("--sign-command"), "\(vault.errors)")
    }
}

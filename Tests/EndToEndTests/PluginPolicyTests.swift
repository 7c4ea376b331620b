import OCI
import SystemPackage
import TestSupport
import Testing

/// Policies that `varve plugin slsa` has opa evaluate; a shell script stands for opa.
struct PluginPolicyTests {
    private let place: PluginWorkplace
    private var scratch: Scratch { place.scratch }

    init() throws {
        place = try PluginWorkplace()
        try place.attest("PLUGIN_BUILDER_IMAGE=plugins/kaniko:1.7.5").succeed()
    }

    private static func answer(_ value: String) -> String {
        #"{"result":[{"expressions":[{"value":\#(value),"text":"data.slsa.deny","location":{"row":1,"col":1}}]}]}"#
    }

    private func verify(_ variables: String...) throws -> Command.Outcome {
        try place.step("verify", ["PLUGIN_TAG=1.0", "PLUGIN_POLICIES=policy/slsa.rego, policy"] + variables)
            .run()
    }

    @Test func `policies that deny nothing let the image pass, and read Harness' document`() throws {
        try place.installAgent(Self.answer("[]"))
        let outcome = try verify()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.text.hasSuffix("\npolicies    ok\n\npassed\n"), "\(outcome.text)")
        #expect(
            try text(of: scratch["opa.words"])
                == "eval\n--format=json\n--stdin-input\n--data=policy/slsa.rego\n--data=policy\ndata.slsa.deny\n"
        )
        let input = try JSONValue(parsing: content(of: scratch["opa.input"]))
        let artifacts = try #require(input[path: "0.outcome.stepArtifacts"])
        let predicate = artifacts[path: "provenanceArtifacts.0.predicate"]
        #expect(
            predicate?[path: "buildDefinition.externalParameters.codeMetadata.repositoryURL"]
                == "https://example.com/app")
        #expect(predicate?[path: "runDetails.builder.version"]?["plugins/kaniko"] == "1.7.5")
        #expect(artifacts[path: "publishedImageArtifacts.0.digest"]?.string == place.work.digest)
    }

    @Test func `what they deny ends with 3 and their messages`() throws {
        try place.installAgent(Self.answer(#"["built from another branch","b\u001b[2J"]"#))
        let outcome = try verify()
        #expect(outcome.status == 3)
        #expect(
            outcome.text.hasSuffix(
                "\npolicies    DENIED\n  built from another branch\n  b\\x1b[2J\n\nFAILED\n"),
            "\(outcome.text)")
        #expect(
            outcome.errors == "varve: the policies deny it: built from another branch (and 1 more)\n",
            "\(outcome.errors)")
    }

    @Test func `opa gets next to nothing of the environment`() throws {
        try place.installAgent(Self.answer("[]"))
        let outcome = try verify(
            "COSIGN_PRIVATE_KEY=canary", "VAULT_TOKEN=canary", "PLUGIN_NON_HARNESS_OIDC_TOKEN=canary",
            "VARVE_REGISTRY_EXAMPLE_COM_PASSWORD=canary", "AWS_SECRET_ACCESS_KEY=canary",
            "OPA_EVAL_DATA=canary")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let names = try content(of: scratch["opa.environment"]).split(separator: 0).map {
            String(decoding: $0.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
        }
        #expect(Set(names).isSubset(of: ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL"]), "\(names)")
    }

    @Test func `without opa the error says what is missing`() throws {
        try scratch.write("policy/slsa.rego", "package slsa\n")
        try Requirement.missingProgram("opa")
        let outcome = try verify()
        #expect(outcome.status == 1)
        #expect(
            outcome.errors
                == "varve: the policies cannot be evaluated: opa does that, and cannot be run: No such file or directory; install it on PATH\n"
        )
    }

    @Test func `an image that does not verify is not shown to opa`() throws {
        try place.installAgent(Self.answer("[]"))
        try SignedImage.generateKey("other", in: scratch)
        let outcome = try verify("COSIGN_PUBLIC_KEY=\(try text(of: scratch["other.pub"]))")
        #expect(outcome.status == 3)
        #expect(throws: (any Error).self) { try content(of: scratch["opa.input"]) }
    }

    @Test(arguments: [
        ("{}", 0, "none of them has a rule deny in the package slsa"),
        ("no JSON", 0, "opa's answer is no JSON"),
        (
            #"{"errors":[{"message":"var x is\nunsafe","code":"rego_unsafe_var_error","location":{"file":"policy/slsa.rego","row":3,"col":1}}]}"#,
            2, "opa failed with status 2: policy/slsa.rego, line 3: var x is unsafe"
        ), ("", 7, "opa failed with status 7"),
    ])
    func `policies that cannot be evaluated let nothing pass`(answer: String, status: Int, reason: String)
        throws
    {
        try place.installAgent(answer, status: status)
        let outcome = try verify()
        #expect(outcome.status == 1)
        #expect(outcome.errors == "varve: the policies cannot be evaluated: \(reason)\n", "\(outcome.errors)")
        #expect(outcome.text == "")
    }

    @Test func `an answer without end is cut off`() throws {
        try place.installAgent("", first: "yes")
        let outcome = try verify()
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.contains("opa was killed: it wrote more than 1048576 bytes"), "\(outcome.errors)")
    }

    @Test func `policies in the language of before are read as such`() throws {
        try place.installAgent(
            Self.answer("[]"),
            first: """
                case "$*" in *--v0-compatible*) ;; *)
                    echo '{"errors":[{"message":"`if` keyword is required","code":"rego_parse_error"}]}'
                    exit 2
                esac
                """)
        let outcome = try verify()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try text(of: scratch["opa.words"]).contains("--v0-compatible\n"))
    }

    @Test func `one attestation that the policies let pass is enough`() throws {
        try place.attest("DRONE_COMMIT_BRANCH=release").succeed()
        try scratch.write("allowed", Self.answer("[]"))
        try place.installAgent(
            "",
            first:
                #"if grep -q '"branch":"release"' opa.input; then cp allowed answer; else cp denied answer; fi"#
        )
        try scratch.write("denied", Self.answer(#"["not released"]"#))
        let outcome = try verify()
        #expect(outcome.status == 0, "\(outcome.errors)")
        try scratch.write("allowed", Self.answer(#"["not released either"]"#))
        let denied = try verify()
        #expect(denied.status == 3)
        #expect(denied.errors.contains("not released"), "\(denied.errors)")
    }

    @Test(arguments: ["none.rego", "policy,none", "a:b"])
    func `policies that are not there are told`(policies: String) throws {
        try place.installAgent(Self.answer("[]"))
        try scratch.write("a:b")
        let outcome = try verify("PLUGIN_POLICIES=\(policies)")
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("varve: the policies cannot be evaluated: "), "\(outcome.errors)")
    }
}

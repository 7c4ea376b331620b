import OCI
import Provenance
import Testing

private let hex = "5be650917e717dadcd8f9789fd1d10f3910917676f44fc63594937034d393edf"
private let commit = "4b220de5058abfd01ff619c9d2ff6b09a049bea0"

struct BuildProvenanceTests {
    @Test func `a complete statement has these bytes`() throws {
        let statement = try complete().statement(about: [image])
        let expected =
            #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"#
            + #""name":"registry.example.com/demo/app","digest":{"sha256":"\#(hex)"}}],"#
            + #""predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"#
            + #""buildType":"https://example.com/build/v1","externalParameters":{"codeMetadata":{"#
            + #""repositoryURL":"https://github.com/ORG/REPO","branch":"main","commitSha":"\#(commit)"},"#
            + #""triggerMetadata":{"triggerType":"MANUAL","triggeredBy":"alice"},"buildMetadata":{"#
            + #""image":"registry.example.com/demo/app","buildArgs":{"TOKEN":"redacted"},"context":".","#
            + #""dockerFile":"Dockerfile"}},"internalParameters":{"pipelineExecutionId":"exec-1","#
            + #""accountId":"acct-1","pipelineIdentifier":"pipe-1"},"resolvedDependencies":[{"#
            + #""uri":"git+https://github.com/ORG/REPO@refs/heads/main","digest":{"#
            + #""gitCommit":"\#(commit)"}}]},"runDetails":{"builder":{"#
            + #""id":"https://example.com/builder","version":{"ci-manager":"1.0.5801-000","#
            + #""plugins/kaniko":"1.7.5","varve":"0.1.0"},"builderDependencies":[{"#
            + #""uri":"pkg:docker/plugins/kaniko@1.7.5","digest":{"sha256":"\#(hex)"}}]},"metadata":{"#
            + #""invocationId":"inv-1","startedOn":"2023-09-15T08:17:49.673Z","#
            + #""finishedOn":"2023-09-15T08:19:47.000Z"},"byproducts":[{"name":"log","#
            + #""mediaType":"text/plain"}]}}}"#
        #expect(String(decoding: statement.serialized(), as: UTF8.self) == expected)
    }

    @Test func `nothing that is empty is written`() {
        let provenance = BuildProvenance(buildType: "t", externalParameters: ["a": "b"], builderID: "i")
        let expected: JSONValue = [
            "buildDefinition": ["buildType": "t", "externalParameters": ["a": "b"]],
            "runDetails": ["builder": ["id": "i"]],
        ]
        #expect(provenance.json == expected)
        var compatible = provenance
        compatible.harnessCompatible = true
        #expect(compatible.json == expected)
    }

    @Test func `a reader of the old name finds the same three values a second time`() throws {
        var provenance = try complete()
        provenance.harnessCompatible = true
        let run = try #require(provenance.json["runDetails"]?.object)
        let values: JSONObject = [
            "invocationId": "inv-1", "startedOn": "2023-09-15T08:17:49.673Z",
            "finishedOn": "2023-09-15T08:19:47.000Z",
        ]
        #expect(run["runDetailsMetadata"] == .object(values))
        #expect(run["metadata"] == .object(values))
        #expect(run.keys == ["builder", "metadata", "runDetailsMetadata", "byproducts"])
    }

    @Test(
        "Times have three decimals; finer ones are cut off",
        arguments: [
            (0, "00.000Z"), (673_000_000, "00.673Z"), (999_999_999, "00.999Z"), (500_000_000, "00.500Z"),
            (7_000_000, "00.007Z"), (120_000, "00.000Z"),
        ] as [(Int32, String)])
    func times(nanoseconds: Int32, expected: String) {
        let time = Timestamp(seconds: 0, nanoseconds: nanoseconds)
        let provenance = BuildProvenance(
            buildType: "t", externalParameters: ["a": "b"], builderID: "i", startedOn: time)
        let text = provenance.json["runDetails"]?["metadata"]?["startedOn"]?.string
        #expect(text == "1970-01-01T00:00:\(expected)")
    }

    @Test func `versions are sorted by the bytes of their names, and the later of two counts`() {
        let provenance = BuildProvenance(
            buildType: "t", externalParameters: ["a": "b"], builderID: "i",
            builderVersions: [
                ComponentVersion(name: "b", version: "1"), ComponentVersion(name: "é", version: "2"),
                ComponentVersion(name: "B", version: "3"), ComponentVersion(name: "b", version: "4"),
                ComponentVersion(name: "e\u{301}", version: "5"),
            ])
        let versions = provenance.json["runDetails"]?["builder"]?["version"]
        #expect(versions == ["B": "3", "b": "4", "e\u{301}": "5", "é": "2"])
    }

    @Test(
        "A required field that is empty is named",
        arguments: [
            ("", ["a": "b"], "i", "buildType"), ("t", [:], "i", "externalParameters"),
            ("t", ["a": "b"], "", "builder.id"),
        ] as [(String, JSONObject, String, String)])
    func requires(buildType: String, parameters: JSONObject, builder: String, field: String) {
        let provenance = BuildProvenance(
            buildType: buildType, externalParameters: parameters, builderID: builder)
        #expect(throws: ProvenanceError.missingField(field)) { try provenance.statement(about: [image]) }
    }

    @Test func `provenance is about something`() throws {
        let provenance = try complete()
        #expect(throws: ProvenanceError.missingSubject) { try provenance.statement(about: []) }
    }

    private let image = ResourceDescriptor(name: "registry.example.com/demo/app", digest: ["sha256": hex])

    private func complete() throws -> BuildProvenance {
        let source = try SourceLocation(parsing: "git+https://github.com/ORG/REPO.git@refs/heads/main")
        let plugin = try PluginImage(parsing: "plugins/kaniko:1.7.5@sha256:\(hex)")
        let code = source.codeMetadata.filled(from: CodeMetadata(branch: "other", commitSha: commit))
        let trigger = TriggerMetadata(triggerType: "MANUAL", triggeredBy: "alice")
        let build = BuildMetadata(
            image: "registry.example.com/demo/app",
            buildArgs: ["TOKEN": Redaction.parameter(name: "TOKEN", value: "x")], context: ".",
            dockerFile: "Dockerfile")
        let pipeline = PipelineMetadata(
            pipelineExecutionId: "exec-1", accountId: "acct-1", pipelineIdentifier: "pipe-1")
        let dependency = try #require(try source.dependency(commit: commit))
        return BuildProvenance(
            buildType: "https://example.com/build/v1",
            externalParameters: [
                "codeMetadata": .object(code.json), "triggerMetadata": .object(trigger.json),
                "buildMetadata": .object(build.json),
            ],
            internalParameters: pipeline.json, resolvedDependencies: [dependency],
            builderID: "https://example.com/builder",
            builderVersions: [
                ComponentVersion(name: "varve", version: "0.1.0"), plugin.component,
                ComponentVersion(name: "ci-manager", version: "1.0.5801-000"),
            ],
            builderDependencies: [plugin.dependency()], invocationID: "inv-1",
            startedOn: Timestamp(seconds: 1_694_765_869, nanoseconds: 673_000_000),
            finishedOn: Timestamp(seconds: 1_694_765_987, nanoseconds: 0),
            byproducts: [ResourceDescriptor(name: "log", mediaType: "text/plain")])
    }
}

import OCI
import Provenance
import Testing

@testable import Build

struct GivenPredicateTests {
    private static let small =
        #"{"buildDefinition":{"buildType":"t","externalParameters":{}},"runDetails":{"builder":{"id":"b"}}}"#

    private func complete(_ text: String, id: String? = "s1") throws -> String {
        var predicate = try GivenPredicate(parsing: text)
        predicate.complete(
            versions: [
                ComponentVersion(name: "varve", version: "1"),
                ComponentVersion(name: "plugins/kaniko", version: "1.7.5"),
            ],
            dependencies: [ResourceDescriptor(uri: "pkg:docker/plugins/kaniko@1.7.5")], invocationID: id)
        return String(decoding: JSONValue.object(predicate.json).serialized(), as: UTF8.self)
    }

    @Test func `what it leaves out is added`() throws {
        #expect(
            try complete(Self.small)
                == #"{"buildDefinition":{"buildType":"t","externalParameters":{}},"runDetails":{"builder":{"id":"b","#
                + #""version":{"plugins/kaniko":"1.7.5","varve":"1"},"#
                + #""builderDependencies":[{"uri":"pkg:docker/plugins/kaniko@1.7.5"}]},"#
                + #""metadata":{"invocationId":"s1"}}}"#)
    }

    @Test func `what it says stays`() throws {
        let text =
            #"{"buildDefinition":{"buildType":"t","externalParameters":{"x":1.50}},"other":null,"#
            + #""runDetails":{"metadata":{"invocationId":"own","startedOn":"2026-01-31T12:00:00Z"},"#
            + #""builder":{"id":"b","version":{"varve":"0","plugins/kaniko":"9","ci-manager":"1.0"},"#
            + #""builderDependencies":[{"uri":"pkg:docker/plugins/kaniko@1.7.5","digest":{"sha256":"00"}}]}}}"#
        #expect(try complete(text) == text)
    }

    @Test func `without an invocation there is no metadata`() throws {
        #expect(try !complete(Self.small, id: nil).contains("metadata"))
    }

    @Test(arguments: [
        ("[]", "it is no JSON object"), ("{\"a\":1,\"a\":2}", "JSON, line 1"), ("{} {}", "JSON, line 1"),
        (#"{"predicateType":"t","predicate":{}}"#, "it is a statement; give its predicate alone"),
        ("{}", "buildDefinition.buildType is missing"),
        (#"{"buildDefinition":{"buildType":""}}"#, "buildDefinition.buildType is missing"),
        (
            #"{"buildDefinition":{"buildType":"t","externalParameters":[]}}"#,
            "externalParameters is missing, or no object"
        ),
        (
            #"{"buildDefinition":{"buildType":"t","externalParameters":{}},"runDetails":{"builder":{}}}"#,
            "runDetails.builder.id is missing"
        ),
        (
            #"{"buildDefinition":{"buildType":"t","externalParameters":{}},"runDetails":{"builder":{"id":"b","version":{"x":1}}}}"#,
            "runDetails.builder.version is not an object of texts"
        ),
        (
            #"{"buildDefinition":{"buildType":"t","externalParameters":{}},"runDetails":{"builder":{"id":"b"},"metadata":[]}}"#,
            "runDetails.metadata is not an object"
        ),
    ])
    func `what is no predicate is refused`(text: String, reason: String) {
        #expect {
            try GivenPredicate(parsing: text)
        } throws: {
            "\($0)".hasPrefix("PROVENANCE_PREDICATE: ") && "\($0)".contains(reason)
        }
    }

    @Test func `nothing is read without end`() {
        let deep = String(repeating: "[", count: 100)
        #expect(throws: BuildError.self) { try GivenPredicate(parsing: deep) }
        let wide = "[" + String(repeating: "0,", count: 200_000) + "0]"
        #expect(throws: BuildError.self) { try GivenPredicate(parsing: wide) }
    }
}

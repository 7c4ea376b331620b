import OCI
import Provenance
import Testing

private let image = ResourceDescriptor(
    name: "registry.example.com/demo/app",
    digest: ["sha256": "5be650917e717dadcd8f9789fd1d10f3910917676f44fc63594937034d393edf"])

struct StatementTests {
    @Test func `a descriptor writes its fields in one order and leaves empty ones out`() {
        let full = ResourceDescriptor(
            name: "n", uri: "u", digest: ["sha256": "aa", "gitCommit": "bb"], mediaType: "m",
            downloadLocation: "d",
            annotations: ["k": 1])
        let expected =
            #"{"name":"n","uri":"u","digest":{"sha256":"aa","gitCommit":"bb"},"downloadLocation":"d","#
            + #""mediaType":"m","annotations":{"k":1}}"#
        #expect(text(full.json) == expected)
        #expect(text(ResourceDescriptor(name: "", uri: "u").json) == #"{"uri":"u"}"#)
    }

    @Test func `a digest set keeps its order, and one value for each algorithm`() {
        var digest: DigestSet = ["b": "01", "a": "02", "b": "03"]
        #expect(text(.object(digest.json)) == #"{"b":"03","a":"02"}"#)
        digest["b"] = nil
        #expect(digest == ["a": "02"])
        #expect(digest["b"] == nil)
        #expect(DigestSet().isEmpty)
    }

    @Test func `a statement has four keys on one line`() throws {
        let statement = try Statement(
            subject: [image], predicateType: "https://example.com/p", predicate: ["a": 1])
        let expected =
            #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"registry.example.com/demo/app","#
            + #""digest":{"sha256":"5be650917e717dadcd8f9789fd1d10f3910917676f44fc63594937034d393edf"}}],"#
            + #""predicateType":"https://example.com/p","predicate":{"a":1}}"#
        #expect(String(decoding: statement.serialized(), as: UTF8.self) == expected)
    }

    @Test(
        "A statement that strict readers would refuse is not made",
        arguments: [
            ([], "t", ["a": 1], .missingSubject),
            ([image, ResourceDescriptor(name: "x", uri: "u")], "t", ["a": 1], .subjectWithoutDigest("x")),
            (
                [ResourceDescriptor(digest: ["sha256": "AB"])], "t", ["a": 1],
                .malformedDigest(algorithm: "sha256", value: "AB")
            ),
            (
                [ResourceDescriptor(digest: ["sha256": "abc"])], "t", ["a": 1],
                .malformedDigest(algorithm: "sha256", value: "abc")
            ),
            (
                [ResourceDescriptor(digest: ["sha256": ""])], "t", ["a": 1],
                .malformedDigest(algorithm: "sha256", value: "")
            ),
            ([image], "", ["a": 1], .missingField("predicateType")),
            ([image], "t", [:], .missingField("predicate")),
        ] as [([ResourceDescriptor], String, JSONObject, ProvenanceError)])
    func refuses(subject: [ResourceDescriptor], type: String, predicate: JSONObject, error: ProvenanceError) {
        #expect(throws: error) {
            try Statement(subject: subject, predicateType: type, predicate: predicate)
        }
    }

    @Test func `an error is one line that cannot steer a terminal`() {
        #expect(
            ProvenanceError.malformedCommit("a\n\u{1B}[2J").description
                == #"commit "a\n\u{1B}[2J": not 40 or 64 hexadecimal digits"#)
        #expect(ProvenanceError.missingField("builder.id").description == "provenance: builder.id is empty")
    }

    private func text(_ value: JSONValue) -> String { String(decoding: value.serialized(), as: UTF8.self) }
}

import Cryptography
import OCI
import Testing

@testable import Provenance

/// The example of the DSSE specification, protocol.md, "Test vectors".
private let example = (
    key: """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr
    CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==
    -----END PUBLIC KEY-----

    """,
    raw: "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==",
    der: "MEQCIANyarEBrVbCdjtsaqyOSHJ14qeRk6CdxfhZ2fjvPEo7AiBR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
)

struct EnvelopeTests {
    @Test(arguments: [
        (
            "http://example.com/HelloWorld", "hello world",
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        ),
        ("", "", "DSSEv1 0  0 "), ("ü", "é", "DSSEv1 2 ü 2 é"), ("a b", " ", "DSSEv1 3 a b 1  "),
    ])
    func `what is signed has the lengths in bytes`(type: String, body: String, expected: String) {
        #expect(Envelope.preAuthenticationEncoding(type, Array(body.utf8)) == Array(expected.utf8))
    }

    @Test("the specification's signature holds, in both forms", arguments: [example.raw, example.der])
    func vector(signature: String) throws {
        let text = """
            {"payload":"aGVsbG8gd29ybGQ=","payloadType":"http://example.com/HelloWorld",
             "signatures":[{"keyid":"lies","sig":"\(signature)"}],"more":{"ignored":true}}
            """
        let envelope = try Envelope(parsing: Array(text.utf8))
        let key = try VerificationKey(pem: Array(example.key.utf8))
        #expect(envelope.signers(among: [key, key]) == [key])
        let other = try SigningKey.generate().verificationKey
        #expect(envelope.signers(among: [other]).isEmpty)
        let changed = Envelope(
            payloadType: "http://example.com/HelloWorlD", payload: envelope.payload,
            signatures: envelope.signatures)
        #expect(changed.signers(among: [key]).isEmpty)
    }

    @Test func `what is written is what cosign reads`() throws {
        let envelope = Envelope(payload: Array("{}".utf8), signatures: [Envelope.Signature([1, 2])])
        #expect(
            String(decoding: envelope.serialized(), as: UTF8.self)
                == #"{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"keyid":"","sig":"AQI="}]}"#
        )
        #expect(try Envelope(parsing: envelope.serialized()) == envelope)
    }

    @Test(
        "an envelope that readers could take in two ways is none",
        arguments: [
            ("{}", "payloadType"), (#"{"payloadType":"a","payload":"e30="}"#, "nobody"),
            (#"{"payloadType":"a","payload":"e30=","signatures":[]}"#, "nobody"),
            (#"{"payloadType":"a","payload":"e30","signatures":[{"sig":"AA=="}]}"#, "base64"),
            (#"{"payloadType":"a","payload":"e3\n0=","signatures":[{"sig":"AA=="}]}"#, "base64"),
            (#"{"payloadType":"a","payload":"e30=","signatures":[{"sig":""}]}"#, "signature"),
            (#"{"payloadType":"a","payload":"e30=","signatures":[{"keyid":"x"}]}"#, "signature"),
            (#"{"payloadType":"a","payload":"e30=","signatures":[{"sig":"AA==","keyid":1}]}"#, "key id"),
            (
                #"{"payloadType":"a","payload":"e30=","payload":"e30=","signatures":[{"sig":"AA=="}]}"#,
                "payload"
            ),
            (#"{"payloadType":1,"payload":"e30=","signatures":[{"sig":"AA=="}]}"#, "payloadType"),
            ("[]", "object"),
            ("", ""), (#"{"payloadType":"a","payload":"e30=","signatures":[{"sig":"AA=="}]} x"#, ""),
            (String(repeating: "[", count: 100_000), ""),
        ])
    func refusal(text: String, words: String) {
        let error = #expect(throws: EnvelopeError.self) { try Envelope(parsing: Array(text.utf8)) }
        #expect(error?.reason.contains(words) == true, "\(String(describing: error))")
    }

    @Test func `more than a hundred signatures are too many`() {
        let signatures = [String](repeating: #"{"sig":"AA=="}"#, count: 101).joined(separator: ",")
        let text = #"{"payloadType":"a","payload":"e30=","signatures":[\#(signatures)]}"#
        #expect(throws: EnvelopeError.self) { try Envelope(parsing: Array(text.utf8)) }
    }

    @Test func `URL-safe base64 is read as well`() throws {
        let text = #"{"payloadType":"a","payload":"-_-_","signatures":[{"sig":"_w=="}]}"#
        let envelope = try Envelope(parsing: Array(text.utf8))
        #expect(envelope.payload == [0xFB, 0xFF, 0xBF])
        #expect(envelope.signatures.map(\.bytes) == [[0xFF]])
    }
}

struct AttestationLinesTests {
    private let one = Envelope(payload: [1], signatures: [Envelope.Signature([1])])
    private let two = Envelope(payload: [2], signatures: [Envelope.Signature([2])])

    @Test func `lines that are no envelope are left alone`() throws {
        let text =
            Array("\n# a comment\n{\"kind\":\"other\"}\r\n".utf8) + one.serialized() + Array("\n[1]\n".utf8)
            + two.serialized()
        let lines = try AttestationLines(parsing: text)
        #expect(lines.envelopes == [one, two])
    }

    @Test func `a damaged envelope is told, and the others count`() throws {
        let text = Array(#"{"payloadType":"a","payload":"!","signatures":[]}"#.utf8) + [10] + one.serialized()
        let lines = try AttestationLines(parsing: text)
        #expect(lines.envelopes == [one])
        #expect(lines.faults.map(\.reason) == ["its payload is no base64"])
    }

    @Test func `one document may lie over several lines`() throws {
        let lines = try AttestationLines(parsing: one.json.serialized(indent: 2))
        #expect(lines.envelopes == [one] && lines.faults.isEmpty)
    }

    private func signed(_ payload: String, by key: SigningKey) throws -> Envelope {
        let bytes = Envelope.preAuthenticationEncoding(Envelope.statementType, Array(payload.utf8))
        return Envelope(payload: Array(payload.utf8), signatures: [Envelope.Signature(try key.sign(bytes))])
    }

    @Test func `an envelope joins the others, in place of its signer's older one alone`() throws {
        let (key, other) = (try SigningKey.generate(), try SigningKey.generate())
        let (first, renewed) = (try signed("a", by: key), try signed("a", by: key))
        let (theirs, different) = (try signed("a", by: other), try signed("b", by: key))
        var text = try AttestationLines.adding(first, by: key.verificationKey, to: [])
        text = try AttestationLines.adding(
            theirs, by: other.verificationKey, to: text + Array("# kept".utf8))
        text = try AttestationLines.adding(different, by: key.verificationKey, to: text)
        text = try AttestationLines.adding(renewed, by: key.verificationKey, to: text)
        #expect(try AttestationLines(parsing: text).envelopes == [theirs, different, renewed])
        #expect(String(decoding: text, as: UTF8.self).contains("# kept\n"))
        #expect(text.last == 10)
    }

    @Test func `a document over several lines becomes one line when another joins it`() throws {
        let key = try SigningKey.generate()
        let new = try signed("a", by: key)
        let text = try AttestationLines.adding(
            new, by: key.verificationKey, to: one.json.serialized(indent: 2) + [10])
        #expect(text == one.serialized() + [10] + new.serialized() + [10])
    }

    @Test func `what holds no envelope is not added to`() throws {
        let key = try SigningKey.generate()
        let new = try signed("a", by: key)
        #expect(throws: EnvelopeError.self) {
            try AttestationLines.adding(new, by: key.verificationKey, to: key.verificationKey.pem)
        }
        #expect(throws: EnvelopeError.self) {
            try AttestationLines.adding(new, by: key.verificationKey, to: Array(#"{"a":1}"#.utf8))
        }
    }

    @Test func `a file that is full stays as it is`() throws {
        let key = try SigningKey.generate()
        let lines = Array(repeating: one.serialized(), count: AttestationLines.limit).joined(separator: [10])
        #expect(throws: EnvelopeError.self) {
            try AttestationLines.adding(signed("a", by: key), by: key.verificationKey, to: Array(lines))
        }
    }

    @Test func `a bundle's envelope counts, whichever version it is`() throws {
        let key = try SigningKey.generate()
        for version in ["bundle+json;version=0.1", "bundle.v0.3+json"] {
            let text = String(
                decoding: SigstoreBundle(one, signedBy: key.verificationKey).serialized(), as: UTF8.self)
            let other = text.split(separator: "bundle.v0.3+json", maxSplits: 1).joined(separator: version)
            #expect(try AttestationLines(parsing: Array(other.utf8)).envelopes == [one])
        }
    }
}

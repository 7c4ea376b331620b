import Cryptography
import OCI

@testable import Provenance

/// Bytes as a file with attestations, and as a statement.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEnvelope(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let envelopes = try? AttestationLines(parsing: bytes).envelopes {
        for envelope in envelopes {
            guard (try? Envelope(parsing: envelope.serialized())) == envelope else {
                fatalError("an envelope that is written reads otherwise")
            }
            precondition(!envelope.signatures.isEmpty && envelope.signatures.count <= Envelope.signatureLimit)
            read(envelope.payload)
        }
        if let envelope = envelopes.first {
            let text = try? AttestationLines.adding(envelope, by: key, to: bytes)
            precondition((try? text.map { try AttestationLines(parsing: $0) })?.envelopes.last == envelope)
        }
    }
    read(bytes)
    return 0
}

/// The key that every line is compared with.
private let key: VerificationKey = {
    guard let key = try? SigningKey.generate().verificationKey else { fatalError("no key") }
    return key
}()

/// A statement, what it says as provenance, and as a record that nobody may sign as it is.
private func read(_ payload: [UInt8]) {
    guard let statement = try? ReceivedStatement(parsing: payload) else { return }
    precondition(!statement.subjects.isEmpty && !statement.predicate.isEmpty)
    var expected = Expectations()
    expected.isStrict = true
    (expected.source, expected.branch, expected.commit) = ("https://example.com/app", "main", "0")
    expected.maxAge = 60
    _ = ProvenanceFacts(statement.predicate).answers(to: expected, now: 1_800_000_000)
    _ = try? VerificationSummary(reading: statement.predicate)
    let account = BuildRecord.Account(
        buildType: "https://varve.dev/build-types/pack/v1", builderID: "a", unspokenBuilderID: "b",
        digests: statement.subjects.compactMap { $0.digests["sha256"] }, now: 1_800_000_000)
    guard let signed = try? BuildRecord.predicate(of: statement, confirmedBy: account) else { return }
    precondition(signed.predicate["runDetails"]?["builder"]?["id"]?.string == "a")
}

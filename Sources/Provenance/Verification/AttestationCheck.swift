public import Cryptography
import OCI

/// One envelope's answers to everything that is asked of an artifact's attestation.
///
/// In the order of SLSA's "Verifying artifacts": nothing of the payload is read before a trusted key has signed it, and
/// what is read are the very bytes that were signed.
public struct AttestationCheck: Sendable {
    /// The answers as far as they go: after a failure that leaves nothing to trust there are no more.
    public private(set) var checks: [Check] = []
    /// The statement, once a trusted key is known to have signed it.
    public private(set) var statement: ReceivedStatement?
    /// The key that signed it.
    public private(set) var signer: VerificationKey?
    /// The level that the builder was granted, or the summary claims.
    public private(set) var level: Int?

    /// Whether every question that was asked has the right answer.
    public var passes: Bool { statement != nil && !checks.contains { $0.outcome == .failed } }

    /// Asks.
    ///
    /// - Parameters:
    ///   - envelope: What was found beside the artifact.
    ///   - digests: The artifact's SHA-256, in lower-case hexadecimal; any of them will do.
    ///   - trust: Whom to believe, and what is expected.
    ///   - now: Seconds since 1970.
    public init(_ envelope: Envelope, about digests: [String], _ trust: Trust, now: Int64) {
        let keys = trust.builders.map(\.party.key) + trust.verifiers.map(\.party.key)
        let signers = envelope.signers(among: keys)
        guard !signers.isEmpty else {
            add(
                .signature, false,
                keys.count == 1 ? "not by the given key" : "by none of the \(keys.count) given keys")
            return
        }
        add(.signature, true, signers.map { "key \($0.fingerprint.prefix(16))" }.joined(separator: ", "))
        guard envelope.payloadType.isIdentical(to: Envelope.statementType) else {
            add(.payloadType, false, "\(envelope.payloadType.quoted), expected \(Envelope.statementType)")
            return
        }
        add(.payloadType, true, envelope.payloadType)
        let statement: ReceivedStatement
        do throws(StatementError) {
            statement = try ReceivedStatement(parsing: envelope.payload)
        } catch {
            add(.statement, false, error.reason)
            return
        }
        add(.statement, true, statement.type)
        let about = digests.first { statement.isAbout(sha256: $0) }
        add(.subject, about != nil, about.map { "sha256:\($0)" } ?? Self.others(statement, digests))
        guard about != nil else { return }
        self.statement = statement
        let asked = trust.expectations.predicateType
        if statement.predicateType.isIdentical(to: VerificationSummary.predicateType),
            asked.isIdentical(to: BuildProvenance.predicateType)
                || asked.isIdentical(to: VerificationSummary.predicateType)
        {
            checkSummary(statement, signers, trust, now)
        } else {
            checkProvenance(statement, signers, trust, now)
        }
    }

    private mutating func add(_ question: Check.Question, _ isMet: Bool, _ detail: String) {
        checks.append(Check(question, isMet, detail))
    }

    private static func others(_ statement: ReceivedStatement, _ digests: [String]) -> String {
        let found = statement.subjects.compactMap { $0.digests["sha256"] }.prefix(3)
        let about = found.isEmpty ? "nothing that has a sha256" : found.map(\.quoted).joined(separator: ", ")
        return "it is about \(about), not about \(digests.first ?? "")"
    }

    // MARK: Provenance

    private mutating func checkProvenance(
        _ statement: ReceivedStatement, _ signers: [VerificationKey], _ trust: Trust, _ now: Int64
    ) {
        let expected = trust.expectations
        let type = statement.predicateType
        guard type.isIdentical(to: expected.predicateType) else {
            add(.predicateType, false, "\(type.quoted), expected \(expected.predicateType)")
            return
        }
        add(.predicateType, true, type)
        let builders = trust.builders.filter { signers.contains($0.party.key) }
        guard let first = builders.first else {
            // The signature of a verifier's key alone: it may say what it verified, not what was built.
            add(.builder, false, "signed by a key that is no builder's")
            return
        }
        signer = first.party.key
        guard type.isIdentical(to: BuildProvenance.predicateType) else {
            let detail = "a predicate of this type names no builder"
            if expected.asksOfProvenance { return add(.builder, false, detail + ", source or version") }
            checks.append(Check(.builder, .notAsked, detail))
            return
        }
        let facts = ProvenanceFacts(statement.predicate)
        checkBuilder(builders, facts.builderID)
        checks += facts.answers(to: expected, now: now)
    }

    private mutating func checkBuilder(_ builders: [Trust.Builder], _ id: String?) {
        let shown = id.map(\.quoted) ?? "missing"
        guard let id, !id.isEmpty else { return add(.builder, false, "builder.id is missing") }
        if let known = builders.first(where: { $0.party.names(id) }) {
            (signer, level) = (known.party.key, known.level)
            return add(.builder, true, known.level.map { "\(id), level \($0)" } ?? id)
        }
        if let any = builders.first(where: { $0.party.ids.isEmpty }) {
            (signer, level) = (any.party.key, any.level)
            checks.append(Check(.builder, .notAsked, id))
            return
        }
        let ids = builders.flatMap(\.party.ids).joined(separator: ", ")
        add(.builder, false, "\(shown); the key may speak for \(ids)")
    }

    // MARK: Summary

    private mutating func checkSummary(
        _ statement: ReceivedStatement, _ signers: [VerificationKey], _ trust: Trust, _ now: Int64
    ) {
        let verifiers = trust.verifiers.filter { signers.contains($0.party.key) }
        guard let verifier = verifiers.first else {
            add(.verifier, false, "a summary, signed by a key that is no verifier's")
            return
        }
        signer = verifier.party.key
        let summary: VerificationSummary
        do throws(StatementError) {
            summary = try VerificationSummary(reading: statement.predicate)
        } catch {
            add(.statement, false, error.reason)
            return
        }
        let known = verifiers.first { $0.party.names(summary.verifierID) }
        add(.verifier, known != nil, summary.verifierID.quoted)
        checks += summary.answers(to: known ?? verifier, now: now)
        // The verifier answers for them.
        checks += trust.expectations.questionsOfProvenance.map {
            Check($0, .notAsked, "the verifier has asked")
        }
        level = summary.buildLevel
    }
}

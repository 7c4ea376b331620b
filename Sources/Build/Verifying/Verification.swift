import Cryptography
public import OCI
import Provenance

/// What a verification found.
public struct Verification: Sendable {
    /// One attestation, and how it did.
    public struct Attestation: Sendable {
        /// Where it was found.
        public let place: String
        let check: AttestationCheck
        /// The line or document, as it was found.
        let text: [UInt8]

        /// Whether it says all that is expected, and somebody trusted says it.
        public var passes: Bool { check.passes }

        /// The answers to what was asked, as far as it came.
        public var answers: [Answer] {
            check.checks.map {
                Answer(question: $0.question.rawValue, outcome: $0.outcome.rawValue, detail: $0.detail)
            }
        }
    }

    /// One question and its answer.
    public struct Answer: Sendable {
        /// What was asked, such as `builder versions`.
        public let question: String
        /// `ok`, `failed` or `not asked`.
        public let outcome: String
        /// What was found; texts of the attestation's among it.
        public let detail: String

        /// Whether it is the wrong one.
        public var isFailure: Bool { outcome == Check.Outcome.failed.rawValue }
    }

    /// The artifact, as it is called.
    public let artifact: String
    /// Its digest.
    public let digest: Digest
    /// Whether its layers were read: those of an image in a registry are compared with their digests when they are
    /// fetched.
    public let areLayersRead: Bool
    /// Faults of the artifact's own bytes.
    public let faults: [String]
    /// What was found, the best first.
    public internal(set) var attestations: [Attestation]
    /// What looked like an attestation and could not be read.
    public let unreadable: [String]
    /// How building it again went; `nil` where nobody asked.
    public internal(set) var rebuild: Rebuild?
    /// Why policies deny it; `nil` where none was asked.
    public internal(set) var denials: [String]?

    /// The attestation that passes, if one does.
    public var passing: Attestation? { attestations.first(where: \.passes) }

    /// Whether the artifact is what somebody trusted says it is.
    public var passes: Bool {
        faults.isEmpty && passing != nil && rebuild?.isReproduced != false && denials?.isEmpty != false
    }
}

/// How building again went.
public struct Rebuild: Sendable {
    /// Whether the layer came out the same.
    public let isReproduced: Bool
    /// What is the same, or the first difference.
    public let detail: String
}

extension Verification {
    /// All of it for a program.
    public var json: JSONValue {
        var object: JSONObject = [
            "artifact": .string(artifact), "digest": .string("\(digest)"), "passed": .bool(passes),
            "faults": .array(faults.map { .string($0) }), "attestations": .array(attestations.map(\.json)),
            "unreadable": .array(unreadable.map { .string($0) }),
        ]
        if let rebuild {
            object["rebuild"] = [
                "reproduced": .bool(rebuild.isReproduced), "detail": .string(rebuild.detail),
            ]
        }
        if let denials { object["denials"] = .array(denials.map { .string($0) }) }
        return .object(object)
    }
}

extension Verification.Attestation {
    var json: JSONValue {
        var object: JSONObject = [
            "place": .string(place), "passed": .bool(passes), "checks": .array(check.checks.map(\.json)),
        ]
        if let statement = check.statement {
            object["predicateType"] = .string(statement.predicateType)
            if passes { object["predicate"] = .object(statement.predicate) }
        }
        if let signer = check.signer { object["key"] = .string("sha256:" + signer.fingerprint) }
        if let level = check.level { object["level"] = .number(JSONNumber(level)) }
        return .object(object)
    }
}

import Cryptography

/// Whom a verification believes, and what it expects: keys are read by now.
public struct Trust: Sendable {
    /// Somebody whose provenance counts.
    public struct Builder: Sendable {
        /// The key and the builder ids that it may speak for.
        public let party: TrustedParty
        /// The level of SLSA's build track that its provenance is worth; `nil` where nobody said.
        public let level: Int?

        /// A builder.
        public init(_ party: TrustedParty, level: Int? = nil) { (self.party, self.level) = (party, level) }
    }

    /// Somebody whose summaries count in place of provenance.
    public struct Verifier: Sendable {
        /// The key and the verifier ids that it may speak for.
        public let party: TrustedParty
        /// What a summary must say; its key and ids are not looked at.
        public let expected: Expectations.Verifier

        /// A verifier.
        public init(_ party: TrustedParty, _ expected: Expectations.Verifier) {
            (self.party, self.expected) = (party, expected)
        }
    }

    /// Whose provenance counts.
    public let builders: [Builder]
    /// Whose summaries count.
    public let verifiers: [Verifier]
    /// What is expected; its keys are not looked at.
    public let expectations: Expectations

    /// - Throws: ``TrustError`` where one key is a builder's and a verifier's: no builder certifies itself.
    public init(
        builders: [Builder], verifiers: [Verifier], _ expectations: Expectations
    ) throws(TrustError) {
        guard !builders.isEmpty || !verifiers.isEmpty else { throw .noKey }
        for verifier in verifiers where builders.contains(where: { $0.party.key == verifier.party.key }) {
            throw .sameKey(fingerprint: verifier.party.key.fingerprint)
        }
        (self.builders, self.verifiers, self.expectations) = (builders, verifiers, expectations)
    }
}

/// Trust that cannot be: a wrong use, not a wrong artifact.
public enum TrustError: Error, Equatable, CustomStringConvertible {
    /// Nobody is believed.
    case noKey
    /// A key that is a builder's and a verifier's, by its fingerprint.
    case sameKey(fingerprint: String)

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .noKey: "no key to verify with: give --key, or a policy with builders"
        case .sameKey(let fingerprint):
            "the key \(fingerprint.prefix(16)) is a builder's and a verifier's: whoever builds must not certify itself"
        }
    }
}

public import Cryptography
import OCI

/// A key, and in whose names it may speak.
///
/// Source: SLSA, "Verifying artifacts", step 1: roots of trust are pairs of key and identity.
public struct TrustedParty: Hashable, Sendable {
    /// The key.
    public let key: VerificationKey
    /// The builder ids or verifier ids; of a builder, none means any.
    public let ids: [String]

    /// Whether the key may speak in this name.
    func names(_ id: String) -> Bool { ids.contains { $0.isIdentical(to: id) } }

    /// A pair, or several with one key.
    public init(key: VerificationKey, ids: [String]) { (self.key, self.ids) = (key, ids) }
}

/// The words that cosign has for predicate types.
///
/// Source: cosign, `attest --type`.
public enum PredicateType {
    /// Words and URIs, the default first.
    public static let words: KeyValuePairs = [
        "slsaprovenance1": BuildProvenance.predicateType,
        "slsaprovenance": "https://slsa.dev/provenance/v0.2",
        "spdxjson": "https://spdx.dev/Document",
        "spdx": "https://spdx.dev/Document",
        "cyclonedx": "https://cyclonedx.org/bom",
        "vuln": "https://cosign.sigstore.dev/attestation/vuln/v1",
        "openvex": "https://openvex.dev/ns",
        "vsa": VerificationSummary.predicateType,
        "link": "https://in-toto.io/Link/v1",
        "custom": "https://cosign.sigstore.dev/attestation/v1",
    ]

    /// The URI that a word stands for, or the URI itself.
    ///
    /// - Returns: `nil` for what is neither.
    public static func uri(_ text: String) -> String? {
        if let word = words.first(where: { $0.key == text }) { return word.value }
        let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        let isURI =
            scheme.count < text.utf8.count && !scheme.isEmpty
            && text.utf8.allSatisfy { (33...126).contains($0) }
        return isURI ? text : nil
    }
}

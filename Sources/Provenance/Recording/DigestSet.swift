public import OCI

/// Digests of one resource, each by another algorithm, in the order they were given.
///
/// Source: in-toto Attestation Framework v1, "DigestSet".
public struct DigestSet: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// The JSON object, algorithm to value.
    public private(set) var json = JSONObject()

    /// No digests.
    public init() {}

    /// The one digest of a blob, under `sha256`.
    public init(_ digest: Digest) { self["sha256"] = digest.hex }

    /// Algorithms and their values, in lower-case hexadecimal; a later one of the same algorithm wins.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (algorithm, hex) in elements { self[algorithm] = hex }
    }

    /// Whether there is no digest.
    public var isEmpty: Bool { json.isEmpty }

    /// The value of one algorithm, such as `sha256` or `gitCommit`; setting `nil` removes it.
    public subscript(algorithm: String) -> String? {
        get { json[algorithm]?.string }
        set { json[algorithm] = newValue.map { .string($0) } }
    }

    /// Refuses values that a reader could not decode as hexadecimal.
    func checkHexadecimal() throws(ProvenanceError) {
        for algorithm in json.keys {
            let value = self[algorithm] ?? ""
            guard !value.isEmpty, value.utf8.count.isMultiple(of: 2),
                value.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
            else { throw .malformedDigest(algorithm: algorithm, value: value) }
        }
    }
}

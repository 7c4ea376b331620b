import OCI

/// An entry of the local cache that says: this instruction changes no file.
struct EmptyEntry: Hashable, Sendable {
    /// What stands in place of a layer.
    private static let mark = "nothing"

    /// The key's digest.
    let key: Digest

    /// An entry for a key.
    init(_ key: CacheKey) { self.key = key.digest }

    /// The stored form, yet to be sealed.
    func serialized() -> [UInt8] { JSONValue.object(object).serialized() }

    private var object: JSONObject {
        ["version": .string(CacheKey.version), "key": .string(key.hex), "layer": .string(Self.mark)]
    }

    /// Reads the stored form; `nil` for what is none.
    init?(parsing bytes: [UInt8]) {
        let limits = JSONLimits(bytes: 1000, depth: 1, values: 10)
        guard let value = try? JSONValue(parsing: bytes, limits: limits),
            let key = value["key"]?.string.flatMap({ try? Digest(parsing: "sha256:\($0)") })
        else { return nil }
        self.key = key
        // Nothing else may stand there.
        guard value == .object(object) else { return nil }
    }
}

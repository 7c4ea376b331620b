import OCI

/// An entry of the local cache that says: this instruction changes no file.
struct EmptyEntry: Hashable, Sendable {
    /// What stands in place of a layer.
    private static let mark = "nothing"

    /// The key's digest.
    let key: Digest
    /// When the instruction was carried out, in seconds since 1970; `nil` where nobody said.
    let made: Int64?

    /// An entry for a key.
    init(_ key: CacheKey, made: Int64) { (self.key, self.made) = (key.digest, made) }

    /// The stored form, yet to be sealed.
    func serialized() -> [UInt8] { JSONValue.object(object).serialized() }

    private var object: JSONObject {
        var object: JSONObject = [
            "version": .string(CacheKey.version), "key": .string(key.hex), "layer": .string(Self.mark),
        ]
        object["made"] = made.map { .number(JSONNumber($0)) }
        return object
    }

    /// Reads the stored form; `nil` for what is none.
    init?(parsing bytes: [UInt8]) {
        let limits = JSONLimits(bytes: 1000, depth: 1, values: 10)
        guard let value = try? JSONValue(parsing: bytes, limits: limits),
            let key = value["key"]?.string.flatMap({ try? Digest(parsing: "sha256:\($0)") })
        else { return nil }
        (self.key, made) = (key, value["made"]?.int64)
        // Nothing else may stand there.
        guard value == .object(object) else { return nil }
    }
}

import OCI

/// An entry of the local cache: a key, and the layer that it stands for.
struct CacheEntry: Hashable, Sendable {
    /// The most bytes of one.
    static let limit = 64 << 10
    /// The most bytes of an instruction that is kept, for people.
    private static let textLimit = 1000

    /// The key's digest.
    let key: Digest
    /// The layer.
    let layer: CachedLayer
    /// The instruction, for people.
    let instruction: String
    /// The machine, for people: it is part of the key.
    let platform: String

    /// An entry for a key.
    init(_ key: CacheKey, _ layer: CachedLayer) {
        (self.key, self.layer, platform) = (key.digest, layer, "\(key.machine)")
        instruction = String(decoding: key.shown.utf8.prefix(Self.textLimit), as: UTF8.self)
    }

    /// The stored form, yet to be sealed.
    func serialized() -> [UInt8] {
        var object: JSONObject = [
            "version": .string(CacheKey.version), "key": .string(key.hex),
            "instruction": .string(instruction), "platform": .string(platform),
        ]
        for member in layer.facts.members { object[member.key] = member.value }
        if case .registry(let reference, let entry, let signer) = layer.origin {
            object["registry"] = .string("\(reference)")
            object["entry"] = .string("\(entry)")
            object["signer"] = signer.map { .string($0) }
        }
        return JSONValue.object(object).serialized()
    }

    /// Reads the stored form; `nil` for what is none.
    init?(parsing bytes: [UInt8]) {
        let limits = JSONLimits(bytes: Self.limit, depth: 8, values: 1000)
        guard let object = try? JSONValue(parsing: bytes, limits: limits).object,
            object["version"]?.string == CacheKey.version,
            let key = object["key"]?.string.flatMap({ try? Digest(parsing: "sha256:\($0)") }),
            let origin = Self.origin(object), let layer = CachedLayer(facts: object, origin: origin),
            let instruction = object["instruction"]?.string, let platform = object["platform"]?.string
        else { return nil }
        (self.key, self.layer, self.instruction, self.platform) = (key, layer, instruction, platform)
    }

    private static func origin(_ object: JSONObject) -> CachedLayer.Origin? {
        guard let text = object["registry"]?.string else { return .local }
        guard let reference = try? Reference(parsing: text),
            let entry = object["entry"]?.string.flatMap({ try? Digest(parsing: $0) })
        else { return nil }
        return .registry(reference, entry: entry, signer: object["signer"]?.string)
    }
}

import Images
import OCI

/// A layer that needs not be made: what a manifest and a configuration say of it, and where it came from.
struct CachedLayer: Hashable, Sendable {
    /// Who says that it is the instruction's layer.
    enum Origin: Hashable, Sendable {
        /// This user's builds.
        case local
        /// Whoever writes to a repository; with the digest of the entry's manifest, and the fingerprint of the key
        /// that signed it, if one did that is trusted.
        case registry(Reference, entry: Digest, signer: String?)
    }

    /// Media type, digest and size of the stored blob.
    let descriptor: Descriptor
    /// The digest of the uncompressed tar.
    let diffID: Digest
    /// Bytes of the uncompressed tar.
    let uncompressedSize: Int64
    /// Entries in it.
    let entries: Int
    /// The newest time of an entry, in seconds since 1970; `nil` without entries.
    let newestTime: Int64?
    /// Who says so.
    let origin: Origin
    /// When it was made, in seconds since 1970; `nil` where nobody said.
    var made: Int64?

    /// What is said of the layer, without who says it.
    var facts: JSONObject {
        var object: JSONObject = [
            "layer": descriptor.plain.json, "diffID": .string("\(diffID)"),
            "uncompressedSize": .number(JSONNumber(uncompressedSize)),
            "entries": .number(JSONNumber(entries)),
        ]
        object["newestTime"] = newestTime.map { .number(JSONNumber($0)) }
        object["made"] = made.map { .number(JSONNumber($0)) }
        return object
    }
}

extension CachedLayer {
    /// Reads what is said of a layer; `nil` for what says too little.
    init?(facts: JSONObject, origin: Origin) {
        guard let descriptor = facts["layer"].flatMap({ try? Descriptor(json: $0) }),
            descriptor.mediaType.isLayer,
            let diffID = facts["diffID"]?.string.flatMap({ try? Digest(parsing: $0) }),
            let uncompressedSize = facts["uncompressedSize"]?.int64, uncompressedSize >= 0,
            let entries = facts["entries"]?.int64.flatMap(Int.init(exactly:)), entries >= 0
        else { return nil }
        let newest = facts["newestTime"]
        guard newest == nil || newest?.int64.flatMap({ Timestamp(seconds: $0) }) != nil else { return nil }
        self.init(
            descriptor: descriptor.plain, diffID: diffID, uncompressedSize: uncompressedSize,
            entries: entries, newestTime: newest?.int64, origin: origin, made: facts["made"]?.int64)
    }

    /// Whether both are the same layer, whoever says so.
    func isSame(as other: CachedLayer) -> Bool {
        var same = other
        same.made = made
        return facts == same.facts
    }
}

import Linux
public import OCI

/// An entry of a layer that two images have in two ways, or that only one of them has.
public struct EntryDifference: Sendable {
    /// The first image's entry; `nil` where it has none.
    public let first: ImageEntry?
    /// The second image's entry.
    public let second: ImageEntry?
    /// What differs between them, where both have it.
    public let fields: [FieldDifference]

    /// An entry that only one image has.
    init(first: ImageEntry? = nil, second: ImageEntry? = nil) {
        (self.first, self.second, fields) = (first, second, [])
    }

    /// An entry that both have; without `hasDetails` the first one's link target and attributes are not known.
    init(_ first: ImageEntry, _ second: ImageEntry, hasDetails: Bool) {
        (self.first, self.second) = (first, second)
        var fields = Self.fixedFields(first, second)
        if !hasDetails {
            fields.append(FieldDifference("link target or attributes", nil, nil))
        } else {
            fields += FieldDifference.differing(
                "target", first.target.map { .bytes($0) }, second.target.map { .bytes($0) })
            fields += Self.attributes(first, second)
        }
        self.fields = fields
    }

    private static func fixedFields(_ first: ImageEntry, _ second: ImageEntry) -> [FieldDifference] {
        func texts(_ name: String, _ text: (ImageEntry) -> String?) -> [FieldDifference] {
            FieldDifference.differing(
                name, text(first).map { .text($0) }, text(second).map { .text($0) })
        }
        return texts("kind") { $0.kind.rawValue } + texts("mode") { $0.mode }
            + texts("uid") { "\($0.user)" } + texts("gid") { "\($0.group)" } + texts("mtime") { $0.time }
            + texts("size") { $0.size.map { "\($0)" } } + texts("content") { $0.content.map { "\($0)" } }
            + texts("device") { $0.device.map { "\($0.major),\($0.minor)" } }
    }

    private static func attributes(_ first: ImageEntry, _ second: ImageEntry) -> [FieldDifference] {
        func values(_ entry: ImageEntry) -> [[UInt8]: [UInt8]] {
            Dictionary(entry.attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
        }
        let (old, new) = (values(first), values(second))
        let names = Set(old.keys).union(new.keys).sorted { $0.lexicographicallyPrecedes($1) }
        return names.flatMap { name in
            FieldDifference.differing(
                "xattr \(escaped(name))", old[name].map { .bytes($0) }, new[name].map { .bytes($0) })
        }
    }

    /// The path: the second image's spelling, where it has one.
    public var path: [UInt8] { (second ?? first)?.path ?? [] }

    /// The difference as a program reads it.
    public var json: JSONValue {
        guard let first else { return ["change": "added", "entry": second?.json ?? .null] }
        guard second != nil else { return ["change": "removed", "entry": first.json] }
        var json: JSONObject = ["change": "changed"]
        json.set("path", bytes: path)
        json["fields"] = .array(fields.map(\.json))
        return .object(json)
    }
}

/// One thing that is this way here and that way there.
public struct FieldDifference: Sendable {
    /// What is compared.
    public enum Value: Sendable, Equatable {
        /// A text of varve's own.
        case text(String)
        /// Bytes from the image.
        case bytes([UInt8])

        /// The value for a terminal.
        public var description: String {
            switch self {
            case .text(let text): text
            case .bytes(let bytes): "\"\(escaped(bytes))\""
            }
        }
    }

    /// The field's name, escaped.
    public let name: String
    /// What the first one has; `nil` for nothing.
    public let first: Value?
    /// What the second one has.
    public let second: Value?

    init(_ name: String, _ first: Value?, _ second: Value?) {
        (self.name, self.first, self.second) = (name, first, second)
    }

    static func differing(_ name: String, _ first: Value?, _ second: Value?) -> [FieldDifference] {
        first == second ? [] : [FieldDifference(name, first, second)]
    }

    /// The difference as a program reads it.
    public var json: JSONValue {
        var json: JSONObject = ["field": .string(name)]
        for (key, value) in [("first", first), ("second", second)] {
            switch value {
            case .text(let text): json[key] = .string(text)
            case .bytes(let bytes): json.set(key, bytes: bytes)
            case nil: break
            }
        }
        return .object(json)
    }
}

/// Texts under names: annotations of a descriptor, a manifest or an index, and labels of a configuration.
///
/// The order is kept, and counts when two are compared. Names are compared by their UTF-8 bytes.
///
/// Source: OCI image-spec v1.1, annotations.md.
public struct Annotations: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    private var members = JSONObject()

    /// No annotations.
    public init() {}

    /// Writes annotations in the literal's order; of a name that stands twice, the last text counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, text) in elements { self[name] = text }
    }

    /// Reads an object that holds nothing but strings.
    ///
    /// - Throws: ``OCIError/wrongMember(path:expected:found:)`` with the name whose value is no string.
    public init(json: JSONValue) throws(OCIError) {
        members = try Expect.object(json)
        for member in members.members {
            do {
                _ = try Expect.string(member.value)
            } catch {
                throw error.inside(member.key)
            }
        }
    }

    private init(members: JSONObject) { self.members = members }

    /// The object as it is written.
    public var json: JSONValue { .object(members) }

    /// The text of a name; a new name goes to the end, `nil` removes it.
    public subscript(name: String) -> String? {
        get { members[name]?.string }
        set { members[name] = newValue.map { .string($0) } }
    }

    /// Takes others over; of a name that both have the other text counts, in the place of this one.
    public mutating func merge(_ others: Annotations) {
        for (name, text) in others.entries { self[name] = text }
    }

    /// Whether there are none.
    public var isEmpty: Bool { members.isEmpty }

    /// How many there are.
    public var count: Int { members.members.count }

    /// The names in their order.
    public var names: [String] { members.keys }

    /// Names and texts in their order.
    public var entries: [(name: String, text: String)] {
        members.members.map { ($0.key, $0.value.string ?? "") }
    }

    /// The same annotations, ordered by the bytes of their names.
    public var sorted: Annotations {
        let sorted = members.members.sorted { TextBytes($0.key) < TextBytes($1.key) }
        return Annotations(members: JSONObject(distinct: sorted))
    }
}

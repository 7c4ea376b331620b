/// The members of a JSON object, in their order.
///
/// Keys are compared by their UTF-8 bytes, and no key stands twice. Two objects
/// are equal when they hold the same members in the same order.
///
/// Source: RFC 8259, section 4.
public struct JSONObject: Hashable, Sendable {
    /// One key with its value.
    public struct Member: Hashable, Sendable {
        /// The key, unescaped.
        public let key: String
        /// The value.
        public var value: JSONValue

        /// Pairs a key with a value.
        public init(key: String, value: JSONValue) { (self.key, self.value) = (key, value) }

        /// Whether keys (by their bytes) and values are the same.
        public static func == (left: Member, right: Member) -> Bool {
            TextBytes(left.key) == TextBytes(right.key) && left.value == right.value
        }

        /// Feeds the key's bytes and the value to the hasher.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(TextBytes(key))
            hasher.combine(value)
        }
    }

    /// The members as they are written.
    public private(set) var members: [Member]

    /// An object without members.
    public init() { members = [] }

    /// - Parameter members: Members of which no key stands twice; the caller has made sure.
    init(distinct members: [Member]) { self.members = members }

    /// The value of a key.
    ///
    /// A new value takes the old one's place, or the last place when there was
    /// none; `nil` removes the member. Takes time in proportion to the number of members.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set { set(key, to: newValue, order: []) }
    }

    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The keys in their order.
    public var keys: [String] { members.map(\.key) }

    /// Sets or removes a member; a new one goes where `order` wants it.
    ///
    /// `order` has the keys of this kind of object as this package writes them. A
    /// new member goes before the first one that comes later in this list, so
    /// that objects built in any sequence of calls have the same bytes.
    mutating func set(_ key: String, to value: JSONValue?, order: [String]) {
        let old = position(of: key)
        guard let value else {
            if let old { members.remove(at: old) }
            return
        }
        if let old {
            members[old].value = value
            return
        }
        let later = order.firstIndex(of: key).map { order[($0 + 1)...] } ?? []
        let place = members.firstIndex { member in later.contains { TextBytes($0) == TextBytes(member.key) } }
        members.insert(Member(key: key, value: value), at: place ?? members.count)
    }

    /// Like ``set(_:to:order:)``, but leaves an empty or null member alone when it stays empty.
    mutating func update(_ key: String, to value: JSONValue?, order: [String]) {
        if value == nil, let old = self[key], old.isEmpty { return }
        set(key, to: value, order: order)
    }

    private func position(of key: String) -> Int? {
        members.firstIndex { TextBytes($0.key) == TextBytes(key) }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Writes the members in the literal's order; of a key that stands twice, the last value counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }
}

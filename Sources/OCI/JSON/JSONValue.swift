/// A JSON value that keeps what a digest depends on: order, numbers' text, strings' bytes.
///
/// Everything that is hashed or signed is read into and written from this type.
/// Strings are compared by their UTF-8 bytes, unlike `String` itself.
///
/// Source: RFC 8259.
public enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, as its text.
    case number(JSONNumber)
    /// A string, unescaped.
    case string(String)
    /// Values in their order.
    case array([JSONValue])
    /// Members in their order.
    case object(JSONObject)

    /// Reads one JSON document.
    ///
    /// Stricter than most readers: a byte order mark, another encoding than
    /// UTF-8, the same key twice in one object, and anything after the document
    /// are refused, because other programs read different values from them.
    ///
    /// - Parameters:
    ///   - bytes: The whole document.
    ///   - limits: How much it may hold.
    /// - Throws: ``JSONError`` with the place of the first mistake.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .document) throws(JSONError) {
        var reader = JSONReader(bytes, limits: limits)
        self = try reader.document()
    }

    /// Writes the document without any white space; the same value always gives the same bytes.
    ///
    /// - Returns: UTF-8.
    public func serialized() -> [UInt8] {
        var writer = JSONWriter(indent: nil)
        writer.write(self, level: 0)
        return writer.bytes
    }

    /// Writes the document for the eye: one member or element a line, no newline at the end.
    ///
    /// - Parameter indent: Spaces for each level, 0 to 16.
    /// - Returns: UTF-8.
    public func serialized(indent: Int) -> [UInt8] {
        var writer = JSONWriter(indent: min(max(indent, 0), 16))
        writer.write(self, level: 0)
        return writer.bytes
    }
}

extension JSONValue {
    /// The string, if it is one.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number, if it is a whole one (no fraction, no exponent) that fits 64 bits.
    public var int64: Int64? {
        if case .number(let number) = self { number.int64 } else { nil }
    }

    /// The truth value, if it is one.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements, if it is an array.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members, if it is an object.
    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// Whether it is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The value of a member, if it is an object that has one.
    public subscript(key: String) -> JSONValue? { object?[key] }

    /// Whether it is `null`, `""`, `[]` or `{}`.
    var isEmpty: Bool {
        switch self {
        case .null: true
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let object): object.isEmpty
        default: false
        }
    }
}

extension JSONValue: Hashable {
    /// Whether both would be written with the same bytes.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): TextBytes(left) == TextBytes(right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// Feeds the kind and the content to the hasher, strings by their bytes.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value):
            hasher.combine(1)
            hasher.combine(value)
        case .number(let number):
            hasher.combine(2)
            hasher.combine(number)
        case .string(let text):
            hasher.combine(3)
            hasher.combine(TextBytes(text))
        case .array(let elements):
            hasher.combine(4)
            hasher.combine(elements)
        case .object(let object):
            hasher.combine(5)
            hasher.combine(object)
        }
    }
}

extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    /// Writes a string.
    public init(stringLiteral value: String) { self = .string(value) }

    /// Writes a whole number.
    public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }

    /// Writes a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// Writes an array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// Writes an object in the literal's order; of a key that stands twice, the last value counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}

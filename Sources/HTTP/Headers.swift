/// The header fields of a request or a response, in their order.
///
/// Names are compared without regard to case. Values may be secrets: printing shows names alone.
///
/// Source: RFC 9110, section 5.
public struct Headers: Sendable, Equatable {
    /// One field.
    public struct Field: Sendable, Equatable {
        /// The name as it was written.
        public let name: String
        /// The value without white space at its ends.
        public let value: String
    }

    /// The fields in their order.
    public private(set) var fields: [Field] = []

    /// No fields.
    public init() {}

    /// The value of the first field of a name; setting it replaces all of that name.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name.isSameField(as: name) }?.value }
        set {
            fields.removeAll { $0.name.isSameField(as: name) }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// The values of all fields of a name, in their order.
    public func all(_ name: String) -> [String] {
        fields.filter { $0.name.isSameField(as: name) }.map(\.value)
    }

    /// Adds a field behind the others.
    public mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The first field that must not be sent: a name that is no token, a value that would end its line.
    var firstMalformed: Field? {
        fields.first { field in
            field.name.isEmpty || !field.name.utf8.allSatisfy(\.isTokenByte)
                || field.value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
        }
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    /// Fields in the literal's order.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }
}

extension Headers: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The names.
    public var description: String { fields.map(\.name).joined(separator: ", ") }
    /// The names.
    public var debugDescription: String { description }
    /// Nothing: a dump shows no secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Headers.Field: CustomStringConvertible, CustomReflectable {
    /// The name.
    public var description: String { name }
    /// Nothing: a dump shows no secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
    /// Whether two names of fields are the same but for the case of ASCII letters.
    fileprivate func isSameField(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8) { $0.smallLetter == $1.smallLetter }
    }
}

extension UInt8 {
    fileprivate var smallLetter: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }

    /// What a field's name may hold: RFC 9110, section 5.6.2.
    fileprivate var isTokenByte: Bool { isDigit || isLetter || "!#$%&'*+-.^_`|~".utf8.contains(self) }
}

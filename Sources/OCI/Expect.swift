/// What a member must be; each function reads it, or throws an error that says what stands there instead.
enum Expect {
    static func object(_ value: JSONValue) throws(OCIError) -> JSONObject {
        try require(value.object, "an object", in: value)
    }

    static func string(_ value: JSONValue) throws(OCIError) -> String {
        try require(value.string, "a string", in: value)
    }

    static func bool(_ value: JSONValue) throws(OCIError) -> Bool {
        try require(value.bool, "true or false", in: value)
    }

    static func size(_ value: JSONValue) throws(OCIError) -> Int64 {
        let size = value.int64.flatMap { $0 >= 0 ? $0 : nil }
        return try require(size, "a whole number of bytes, 0 or more", in: value)
    }

    static func digest(_ value: JSONValue) throws(OCIError) -> Digest {
        let digest = value.string.flatMap { try? Digest(parsing: $0) }
        return try require(digest, "sha256: and 64 lower-case hexadecimal digits", in: value)
    }

    static func mediaType(_ value: JSONValue) throws(OCIError) -> MediaType {
        try require(value.string.flatMap { try? MediaType(parsing: $0) }, "a media type", in: value)
    }

    static func timestamp(_ value: JSONValue) throws(OCIError) -> Timestamp {
        try require(value.string.flatMap { try? Timestamp(parsing: $0) }, "an RFC 3339 time", in: value)
    }

    /// The elements, each read in turn; an error names the element.
    static func array<Element>(
        _ value: JSONValue, of read: (JSONValue) throws(OCIError) -> Element
    ) throws(OCIError) -> [Element] {
        let array = try require(value.array, "an array", in: value)
        var elements: [Element] = []
        elements.reserveCapacity(array.count)
        for (offset, value) in array.enumerated() {
            do {
                elements.append(try read(value))
            } catch {
                throw error.inside("[\(offset)]")
            }
        }
        return elements
    }

    static func strings(_ value: JSONValue) throws(OCIError) -> [String] { try array(value, of: string) }

    static func digests(_ value: JSONValue) throws(OCIError) -> [Digest] { try array(value, of: digest) }

    /// At most ``DocumentLimits/descriptors`` of them.
    static func descriptors(_ value: JSONValue) throws(OCIError) -> [Descriptor] {
        if let array = value.array, array.count > DocumentLimits.descriptors {
            throw .tooManyDescriptors(path: "", count: array.count)
        }
        return try array(value, of: Descriptor.init(json:))
    }

    private static func require<Value>(
        _ found: Value?, _ expected: String, in value: JSONValue
    ) throws(OCIError) -> Value {
        guard let found else {
            throw .wrongMember(path: "", expected: expected, found: value.shortDescription)
        }
        return found
    }
}

extension JSONValue {
    /// The value in a few words, for a message.
    var shortDescription: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let number): String(number.text.prefix(40))
        case .string(let text): text.quoted
        case .array(let elements): "an array of \(elements.count)"
        case .object(let object): "an object of \(object.members.count)"
        }
    }
}

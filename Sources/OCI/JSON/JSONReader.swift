/// Reads one JSON document from bytes, in one pass and in linear time.
///
/// Source: RFC 8259; stricter where that leaves a choice (section 4: names
/// SHOULD be unique; section 8.1: a byte order mark MAY be ignored; section
/// 8.2: unpaired surrogates are unpredictable).
struct JSONReader {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var position = 0
    private var values = 0

    init(_ bytes: [UInt8], limits: JSONLimits) { (self.bytes, self.limits) = (bytes, limits) }

    /// Reads the document; nothing but white space may follow it.
    mutating func document() throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.bytes else {
            throw failure("the document has \(bytes.count) bytes, at most \(limits.bytes) are read", at: 0)
        }
        try refuseOtherEncodings()
        skipSpace()
        let document = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("\(found) after the end of the document") }
        return document
    }

    private func refuseOtherEncodings() throws(JSONError) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure("a byte order mark", at: 0) }
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) || bytes.prefix(2).contains(0)
        {
            throw failure("the text is not UTF-8; it looks like UTF-16 or UTF-32", at: 0)
        }
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw failure("more than \(limits.values) values") }
        guard let byte = next else { throw failure("\(found) where a value should stand") }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw failure("\(found) where a value should stand")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth)
        var members: [JSONObject.Member] = []
        var seen = SeenKeys()
        if skip(UInt8(ascii: "}")) { return JSONObject() }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("\(found) where a key should stand") }
            let start = position
            let key = try string()
            guard seen.insert(key) else { throw failure("the key \(key.quoted) stands twice", at: start) }
            skipSpace()
            guard skip(UInt8(ascii: ":")) else { throw failure("\(found) where ':' should stand") }
            skipSpace()
            members.append(.init(key: key, value: try value(depth: depth)))
            skipSpace()
            if skip(UInt8(ascii: "}")) { return JSONObject(distinct: members) }
            guard skip(UInt8(ascii: ",")) else { throw failure("\(found) where ',' or '}' should stand") }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if skip(UInt8(ascii: "]")) { return elements }
        while true {
            skipSpace()
            elements.append(try value(depth: depth))
            skipSpace()
            if skip(UInt8(ascii: "]")) { return elements }
            guard skip(UInt8(ascii: ",")) else { throw failure("\(found) where ',' or ']' should stand") }
        }
    }

    /// Steps over the opening bracket, which is `depth` levels deep.
    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= limits.depth else { throw failure("more than \(limits.depth) levels deep") }
        position += 1
        skipSpace()
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else {
            throw failure("\(found) where a value should stand")
        }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        _ = skip(UInt8(ascii: "-"))
        if skip(UInt8(ascii: "0")) {
            if isDigit(next) { throw failure("a number with a leading zero", at: start) }
        } else {
            try digits()
        }
        if skip(UInt8(ascii: ".")) { try digits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try digits()
        }
        return JSONNumber(checked: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(JSONError) {
        guard isDigit(next) else { throw failure("\(found) where a digit should stand") }
        while isDigit(next) { position += 1 }
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        var unescaped: [UInt8] = []
        var plain = position
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                unescaped += bytes[plain..<position]
                position += 1
                guard let text = String(validating: unescaped, as: UTF8.self) else {
                    throw failure("a string that is not UTF-8", at: firstInvalidByte(start + 1, position - 1))
                }
                return text
            case UInt8(ascii: "\\"):
                unescaped += bytes[plain..<position]
                unescaped += try escape()
                plain = position
            case ..<0x20: throw failure("a control character (\(found)) inside a string")
            default: position += 1
            }
        }
        throw failure("a string without its closing quotation mark", at: start)
    }

    /// Reads an escape sequence and gives its UTF-8 bytes.
    private mutating func escape() throws(JSONError) -> [UInt8] {
        let start = position
        position += 1
        guard let letter = next else { throw failure("a string without its closing quotation mark") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): break
        default: throw failure("an escape sequence that JSON does not have", at: start)
        }
        var code = try fourHexDigits()
        if (0xD800...0xDBFF).contains(code), skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) {
            let low = try fourHexDigits()
            guard (0xDC00...0xDFFF).contains(low) else { throw failure("half a surrogate pair", at: start) }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code), let encoded = UTF8.encode(scalar) else {
            throw failure("half a surrogate pair", at: start)
        }
        return Array(encoded)
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("\(found) where a hexadecimal digit should stand")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    /// The place of the first byte from `start` to `end` that UTF-8 does not allow there.
    private func firstInvalidByte(_ start: Int, _ end: Int) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes[start..<end].makeIterator()
        var place = start
        while case .valid(let scalar) = parser.parseScalar(from: &iterator) { place += scalar.count }
        return place
    }

    // MARK: Bytes

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func isDigit(_ byte: UInt8?) -> Bool {
        byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    /// What stands at the position, for a message.
    private var found: String {
        guard let byte = next else { return "the end of the text" }
        if (0x21...0x7E).contains(byte) { return "'\(Character(Unicode.Scalar(byte)))'" }
        return "the byte 0x\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))"
    }

    private func failure(_ reason: String, at place: Int? = nil) -> JSONError {
        let before = bytes[..<(place ?? position)]
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return JSONError(line: line, column: before.count - lineStart + 1, reason: reason)
    }
}

/// A file of variables: `NAME=VALUE` a line, `export` before it or not, `#` for comments.
///
/// Between `"` a value may have several lines, and `\n`, `\r`, `\"`, `\\` and `\$` stand for what they do in a shell;
/// between `'` it is as it stands. But for those, `$NAME` and `${NAME}` (capitals, digits, `_`) are variables of
/// the lines above or of the environment, and a `#` behind a space begins a comment.
///
/// Source: github.com/joho/godotenv, README.
struct EnvironmentFile {
    /// The most bytes of one.
    static let limit = 1 << 20
    /// The most bytes of a value, which the kernel would not hand on otherwise (`MAX_ARG_STRLEN`).
    static let valueLimit = 128 << 10
    /// The most variables of one.
    static let countLimit = 1000

    /// The variables in their order; of one that stands twice the last counts.
    private(set) var variables: [(name: String, value: [UInt8])] = []

    private let bytes: [UInt8]
    private var place = 0
    private let environment: (String) -> [UInt8]?

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: All of it.
    ///   - environment: The value of a variable that no line above has.
    /// - Throws: ``PluginError/setting(_:_:)`` with the line of the first mistake, and nothing of what stands there.
    init(parsing bytes: [UInt8], environment: @escaping (String) -> [UInt8]?) throws(PluginError) {
        (self.bytes, self.environment) = (bytes, environment)
        while place < bytes.count {
            skip { Self.isSpace($0) || $0 == Self.newline }
            guard place < bytes.count else { return }
            if bytes[place] == UInt8(ascii: "#") || bytes[place...].starts(with: "---\n".utf8) {
                skip { $0 != Self.newline }
            } else {
                let name = try readName()
                let value = try readValue()
                variables.removeAll { $0.name == name }
                guard variables.count < Self.countLimit else {
                    throw mistake("is one too many: there may be \(Self.countLimit) variables")
                }
                variables.append((name, value))
            }
        }
    }

    private static let newline = UInt8(ascii: "\n")

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }

    private mutating func skip(while isPassed: (UInt8) -> Bool) {
        while place < bytes.count, isPassed(bytes[place]) { place += 1 }
    }

    private func mistake(_ reason: String) -> PluginError {
        let line = bytes[..<place].count { $0 == Self.newline } + 1
        return .setting("PLUGIN_ENV_FILE", "line \(line) \(reason)")
    }

    private mutating func readName() throws(PluginError) -> String {
        var start = place
        skip(while: Self.isNameByte)
        if bytes[start..<place].elementsEqual("export".utf8), place < bytes.count, Self.isSpace(bytes[place])
        {
            skip(while: Self.isSpace)
            start = place
            skip(while: Self.isNameByte)
        }
        let name = String(decoding: bytes[start..<place], as: UTF8.self)
        skip(while: Self.isSpace)
        guard !name.isEmpty, place < bytes.count,
            [UInt8(ascii: "="), UInt8(ascii: ":")].contains(bytes[place])
        else { throw mistake("is not NAME=VALUE") }
        place += 1
        skip(while: Self.isSpace)
        return name
    }

    private mutating func readValue() throws(PluginError) -> [UInt8] {
        guard place < bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(bytes[place]) else {
            return try readPlain()
        }
        let quote = bytes[place]
        let start = place
        place += 1
        var value: [UInt8] = []
        while place < bytes.count, bytes[place] != quote {
            if quote == UInt8(ascii: "\"") { try appendCharacter(to: &value) } else { append(to: &value) }
        }
        guard place < bytes.count else {
            place = start
            throw mistake("opens a quotation that nothing closes")
        }
        place += 1
        skip(while: Self.isSpace)
        if place < bytes.count, bytes[place] == UInt8(ascii: "#") { skip { $0 != Self.newline } }
        guard place == bytes.count || bytes[place] == Self.newline else {
            throw mistake("has something behind its quotation")
        }
        return try checked(value)
    }

    /// A value without quotation marks, up to the end of the line or a comment.
    private mutating func readPlain() throws(PluginError) -> [UInt8] {
        var value: [UInt8] = []
        while place < bytes.count, bytes[place] != Self.newline {
            if bytes[place] == UInt8(ascii: "#"), Self.isSpace(bytes[place - 1]) {
                skip { $0 != Self.newline }
            } else if bytes[place] == UInt8(ascii: "$") {
                try appendVariable(to: &value)
            } else {
                append(to: &value)
            }
        }
        while let last = value.last, Self.isSpace(last) { value.removeLast() }
        return try checked(value)
    }

    private func checked(_ value: [UInt8]) throws(PluginError) -> [UInt8] {
        guard value.count <= Self.valueLimit else { throw tooLong }
        guard !value.contains(0) else { throw mistake("holds a NUL, which no variable can") }
        return value
    }

    private var tooLong: PluginError { mistake("has a value of more than \(Self.valueLimit) bytes") }

    private mutating func append(to value: inout [UInt8]) {
        value.append(bytes[place])
        place += 1
    }

    /// A character between double quotation marks, or what stands for one.
    private mutating func appendCharacter(to value: inout [UInt8]) throws(PluginError) {
        switch bytes[place] {
        case UInt8(ascii: "$"): try appendVariable(to: &value)
        case UInt8(ascii: "\\") where place + 1 < bytes.count:
            place += 1
            switch bytes[place] {
            case UInt8(ascii: "n"): value.append(Self.newline)
            case UInt8(ascii: "r"): value.append(0x0D)
            case let other: value.append(other)
            }
            place += 1
        default: append(to: &value)
        }
    }

    /// The value of the variable that a dollar sign names; the sign itself where it names none.
    private mutating func appendVariable(to value: inout [UInt8]) throws(PluginError) {
        var end = place + 1
        let hasBrace = end < bytes.count && bytes[end] == UInt8(ascii: "{")
        if hasBrace { end += 1 }
        let start = end
        while end < bytes.count, Self.isNameByte(bytes[end]), !(97...122).contains(bytes[end]),
            bytes[end] != UInt8(ascii: ".")
        {
            end += 1
        }
        let isClosed = !hasBrace || end < bytes.count && bytes[end] == UInt8(ascii: "}")
        guard end > start, isClosed else { return append(to: &value) }
        let name = String(decoding: bytes[start..<end], as: UTF8.self)
        value += variables.last { $0.name == name }?.value ?? environment(name) ?? []
        // Each line could double what stands above.
        guard value.count <= Self.valueLimit else { throw tooLong }
        place = hasBrace ? end + 1 : end
    }
}

/// The value of `--mount` of RUN, cut into keys and values.
public struct MountFlag: Hashable, Sendable {
    /// The keys in small letters, with their values where they have some.
    public let fields: [Field]
    /// Where the value stands.
    public let position: Position

    /// One key of a mount.
    public struct Field: Hashable, Sendable {
        /// The key in small letters.
        public let key: String
        /// What follows `=`; `nil` where none stands.
        public let value: Word?
    }

    /// `from`, which has no variables: what it names is looked for before anything is expanded.
    public var origin: Word? { fields.last { $0.key == "from" }?.value }

    init(fields: [Field], position: Position) { (self.fields, self.position) = (fields, position) }

    /// Cuts the value at its commas, as a line of CSV.
    init(_ flag: Word) throws(SyntaxError) {
        position = flag.position
        fields = try Self.columns(flag).map { column throws(SyntaxError) in
            let pair = column.assignment
            let key = pair?.name ?? column
            let name = key.text.lowercased()
            guard Mount.keys.contains(name) else {
                throw key.error(
                    "unknown key \(key.text.quoted) of --mount",
                    suggestion: suggestion(for: name, among: Mount.keys))
            }
            if name == "from", let value = pair?.value, value.text.utf8.contains(Characters.dollar) {
                throw value.error("from has no variables; name a stage FROM the variable, and mount from it")
            }
            return Field(key: name, value: pair?.value)
        }
    }

    private static func columns(_ flag: Word) throws(SyntaxError) -> [Word] {
        var (columns, text, isQuoted, start) = ([Word](), [UInt8](), false, 0)
        let bytes = Array(flag.text.utf8)
        func end(_ index: Int) -> Word {
            let place = Position(line: flag.position.line, column: flag.position.column + start)
            return Word(String(decoding: text, as: UTF8.self), at: place)
        }
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if isQuoted {
                if byte != Characters.double {
                    text.append(byte)
                } else if index < bytes.count, bytes[index] == Characters.double {
                    text.append(byte)
                    index += 1
                } else {
                    isQuoted = false
                }
            } else if byte == Characters.double, index - 1 == start {
                isQuoted = true
            } else if byte == UInt8(ascii: ",") {
                columns.append(end(index))
                (text, start) = ([], index)
            } else if byte == Characters.double {
                throw flag.error("in --mount a \" stands around a whole key=value")
            } else {
                text.append(byte)
            }
        }
        guard !isQuoted else { throw flag.error("a \" in --mount that no other \" closes") }
        return columns + [end(index)]
    }
}

/// What a RUN instruction sees mounted.
///
/// Source: Dockerfile reference, "RUN --mount".
public struct Mount: Hashable, Sendable {
    /// `type`.
    public enum Kind: String, Sendable, CaseIterable {
        case bind, cache, tmpfs, secret, ssh
    }

    /// `sharing`, of a cache.
    public enum Sharing: String, Sendable, CaseIterable {
        case shared, `private`, locked
    }

    /// What is mounted.
    public fileprivate(set) var kind = Kind.bind
    /// `from`: a stage or an image, of bind and cache.
    public fileprivate(set) var origin: String?
    /// `source`: a path in the origin, or for a secret its name.
    public fileprivate(set) var source: String?
    /// `target`: where it appears.
    public fileprivate(set) var target: String?
    /// `id`, of cache, secret and ssh.
    public fileprivate(set) var id: String?
    /// Whether it cannot be written; `readonly` and `readwrite`, else as the kind has it.
    public fileprivate(set) var isReadOnly = true
    /// Whether the build fails where the secret or the agent is not given.
    public fileprivate(set) var isRequired = false
    /// `sharing`.
    public fileprivate(set) var sharing: Sharing?
    /// `size` in bytes, of tmpfs.
    public fileprivate(set) var size: Int64?
    /// `mode`, of cache, secret and ssh.
    public fileprivate(set) var mode: UInt32?
    /// `uid`, of cache, secret and ssh.
    public fileprivate(set) var userID: UInt32?
    /// `gid`, of cache, secret and ssh.
    public fileprivate(set) var groupID: UInt32?
    /// `env`: the variable that a secret is given in.
    public fileprivate(set) var variable: String?

    static let keys = [
        "type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw",
        "id", "sharing", "required", "mode", "uid", "gid", "size", "env",
    ]
}

extension MountFlag {
    /// Reads the mount, with values that are expanded.
    ///
    /// Keys may stand in any order; BuildKit wants `type` before `required` and `size`.
    ///
    /// - Throws: ``SyntaxError`` for a value that is malformed, or a key that the kind of mount has not.
    public func mount() throws(SyntaxError) -> Mount {
        var mount = Mount()
        for field in fields where field.key == "type" {
            mount.kind = try Self.choice(value(of: field), "type")
        }
        var isReadOnly: Bool?
        for field in fields where field.key != "type" {
            switch field.key {
            case "from": mount.origin = try value(of: field).text
            case "source", "src": mount.source = try value(of: field).text
            case "target", "dst", "destination": mount.target = try value(of: field).text
            case "id": mount.id = try value(of: field).text
            case "env": mount.variable = try value(of: field).text
            case "sharing": mount.sharing = try Self.choice(value(of: field), "sharing")
            case "readonly", "ro": isReadOnly = try truth(of: field)
            case "readwrite", "rw": isReadOnly = try !truth(of: field)
            case "required": mount.isRequired = try truth(of: field)
            case "size": mount.size = try Self.size(value(of: field))
            case "mode": mount.mode = try Self.number(value(of: field), radix: 8, "mode")
            case "uid": mount.userID = try Self.number(value(of: field), radix: 10, "uid")
            default: mount.groupID = try Self.number(value(of: field), radix: 10, "gid")
            }
        }
        mount.isReadOnly = isReadOnly ?? ![.cache, .tmpfs].contains(mount.kind)
        try check(mount)
        return mount
    }

    private func check(_ mount: Mount) throws(SyntaxError) {
        let kinds: [(keys: [String], kinds: [Mount.Kind])] = [
            (["mode", "uid", "gid"], [.cache, .secret, .ssh]), (["sharing"], [.cache]), (["size"], [.tmpfs]),
            (["required"], [.secret, .ssh]), (["env"], [.secret]), (["from"], [.bind, .cache]),
        ]
        for (keys, kinds) in kinds where !kinds.contains(mount.kind) {
            guard let field = fields.first(where: { keys.contains($0.key) }) else { continue }
            throw SyntaxError(position, "a \(mount.kind.rawValue) mount has no \(field.key)")
        }
        if mount.kind == .secret {
            guard mount.source != nil || mount.target != nil || mount.id != nil else {
                throw SyntaxError(position, "a secret mount needs an id")
            }
            guard mount.source == nil || mount.id == nil else {
                throw SyntaxError(position, "a secret mount has an id or a source, not both")
            }
        }
        if [.bind, .cache, .tmpfs].contains(mount.kind), mount.target?.isEmpty ?? true {
            throw SyntaxError(position, "a \(mount.kind.rawValue) mount needs a target")
        }
    }

    private func value(of field: Field) throws(SyntaxError) -> Word {
        guard let value = field.value else {
            throw SyntaxError(position, "\(field.key) of --mount needs a value")
        }
        return value
    }

    /// A key alone is true; the values are those of Go's `strconv.ParseBool`.
    private func truth(of field: Field) throws(SyntaxError) -> Bool {
        guard let value = field.value else { return true }
        if ["1", "t", "T", "true", "TRUE", "True"].contains(value.text) { return true }
        if ["0", "f", "F", "false", "FALSE", "False"].contains(value.text) { return false }
        throw value.error("\(field.key) is true or false, not \(value.text.quoted)")
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ word: Word, _ key: String
    ) throws(SyntaxError) -> Choice where Choice.RawValue == String {
        if let choice = Choice(rawValue: word.text.lowercased()) { return choice }
        let choices = Choice.allCases.map(\.rawValue)
        throw word.error(
            "\(key) is one of \(choices.joined(separator: ", ")), not \(word.text.quoted)",
            suggestion: suggestion(for: word.text, among: choices))
    }

    private static func number(_ word: Word, radix: Int, _ key: String) throws(SyntaxError) -> UInt32 {
        guard word.text.utf8.allSatisfy(Characters.isDigit), let number = UInt32(word.text, radix: radix)
        else {
            throw word.error("\(key) is \(radix == 8 ? "an octal" : "a") number, not \(word.text.quoted)")
        }
        return number
    }

    /// A number of bytes with a unit of 1024: `64m`, `1.5GiB`.
    private static func size(_ word: Word) throws(SyntaxError) -> Int64 {
        let text = word.text.lowercased()
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        let powers = ["": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5]
        let letter =
            unit.hasSuffix("ib")
            ? unit.dropLast(2) : unit.count == 2 ? unit.dropLast(unit.hasSuffix("b") ? 1 : 0) : unit
        guard let number = Double(digits), number >= 0, let power = powers[String(letter)],
            case let bytes = number * Double(Int64(1) << Int64(10 * power)), bytes < 9e18
        else { throw word.error("size is a number of bytes such as 64m, not \(word.text.quoted)") }
        return Int64(bytes)
    }
}

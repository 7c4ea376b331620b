import DockerfileSyntax
import Linux

/// The flags that Kaniko's executor was called with.
///
/// `--name=value` and `--name value`, `-d value`, `-d=value` and `-dvalue`; a flag that is on or off takes no further
/// argument. Of a flag that counts once the last one counts.
///
/// Source: pflag, "Command line flag syntax", which is Kaniko's parser.
struct ExecutorArguments: Sendable {
    private var values: [String: [[UInt8]]] = [:]
    /// The flags that were given, each once, in their order.
    private(set) var given: [ExecutorFlag] = []

    /// Reads them.
    ///
    /// - Parameter arguments: Their bytes: a path is in no encoding.
    /// - Throws: ``BuildError/usage(_:_:)``.
    init(parsing arguments: [[UInt8]]) throws(BuildError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.first == UInt8(ascii: "-"), argument.count > 1 else {
                throw .usage(escaped(argument), "the executor takes flags only; the context is --context")
            }
            if argument.starts(with: "--".utf8) {
                try take(long: argument.dropFirst(2), &rest)
            } else {
                try take(short: argument.dropFirst(), &rest)
            }
        }
    }

    private mutating func take(long text: ArraySlice<UInt8>, _ rest: inout ArraySlice<[UInt8]>)
        throws(BuildError)
    {
        let equals = text.firstIndex(of: UInt8(ascii: "="))
        let name = String(decoding: text[..<(equals ?? text.endIndex)], as: UTF8.self)
        guard let flag = ExecutorFlag.named(name) else { throw Self.unknown(name) }
        let value = equals.map { Array(text[($0 + 1)...]) }
        try set(flag, value, "--\(name)", &rest)
    }

    private mutating func take(short text: ArraySlice<UInt8>, _ rest: inout ArraySlice<[UInt8]>)
        throws(BuildError)
    {
        let letter = text.first.map { Character(Unicode.Scalar($0)) } ?? "-"
        guard let flag = ExecutorFlag.lettered(letter) else {
            throw .usage("-\(escaped(text))", "the executor has no such flag; see varve executor --help")
        }
        var value: [UInt8]? = text.count > 1 ? Array(text.dropFirst()) : nil
        if value?.first == UInt8(ascii: "=") { value?.removeFirst() }
        try set(flag, value, "-\(letter)", &rest)
    }

    private mutating func set(
        _ flag: ExecutorFlag, _ value: [UInt8]?, _ shown: String, _ rest: inout ArraySlice<[UInt8]>
    ) throws(BuildError) {
        let taken: [UInt8]
        if let value {
            taken = value
        } else if case .toggle = flag.form {
            taken = Array("true".utf8)
        } else if let next = rest.popFirst() {
            taken = next
        } else {
            throw .usage(shown, "a value is missing")
        }
        try Self.check(taken, of: flag, shown)
        if values[flag.name] == nil { given.append(flag) }
        if flag.form == .list {
            values[flag.name, default: []].append(taken)
        } else {
            values[flag.name] = [taken]
        }
    }

    private static func check(_ value: [UInt8], of flag: ExecutorFlag, _ shown: String) throws(BuildError) {
        let text = String(decoding: value, as: UTF8.self)
        switch flag.form {
        case .toggle where truth(text) == nil:
            throw .usage(shown, "\(escaped(value)) is neither true nor false")
        case .number where Int(text) == nil: throw .usage(shown, "\(escaped(value)) is no number")
        case .duration where seconds(text) == nil:
            throw .usage(shown, "\(escaped(value)) is no time such as 336h or 1h30m")
        default: break
        }
    }

    private static func unknown(_ name: String) -> BuildError {
        let names = ExecutorFlag.all.map(\.name) + ExecutorFlag.formerNames.keys.sorted()
        let similar = suggestion(for: name, among: names)
        return .usage(
            "--\(escaped(name.utf8))",
            "the executor has no such flag" + (similar.map { "; did you mean --\($0)?" } ?? ""))
    }

    // MARK: Values

    /// Whether a flag was given.
    func has(_ name: String) -> Bool { values[name] != nil }

    /// All values of a flag.
    func all(_ name: String) -> [[UInt8]] { values[name] ?? [] }

    /// The value of a flag that counts once; `nil` where it was not given, or is empty.
    func bytes(_ name: String) -> [UInt8]? { values[name]?.last.flatMap { $0.isEmpty ? nil : $0 } }

    /// The values of a flag that are texts.
    ///
    /// - Throws: ``BuildError/usage(_:_:)`` for what is no UTF-8.
    func texts(_ name: String) throws(BuildError) -> [String] {
        var texts: [String] = []
        for value in all(name) {
            guard let text = String(validating: value, as: UTF8.self) else {
                throw .usage("--\(name)", "\(escaped(value)) is no text")
            }
            texts.append(text)
        }
        return texts
    }

    /// The text of a flag that counts once.
    ///
    /// - Throws: ``BuildError/usage(_:_:)`` for what is no UTF-8.
    func text(_ name: String) throws(BuildError) -> String? {
        try texts(name).last.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether a flag is on.
    func isOn(_ name: String) -> Bool {
        if let value = values[name]?.last {
            return Self.truth(String(decoding: value, as: UTF8.self)) ?? false
        }
        if case .toggle(let usual)? = ExecutorFlag.named(name)?.form { return usual }
        return false
    }

    /// The number of a flag.
    func number(_ name: String) -> Int? {
        values[name]?.last.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    }

    /// The seconds of a flag.
    func seconds(_ name: String) -> Int64? {
        values[name]?.last.flatMap { Self.seconds(String(decoding: $0, as: UTF8.self)) }
    }

    /// Reads a truth value.
    ///
    /// Source: Go, `strconv.ParseBool`.
    static func truth(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }

    /// Reads a span of time, in whole seconds.
    ///
    /// Source: Go, `time.ParseDuration`.
    static func seconds(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        let units: [(name: String, seconds: Double)] = [
            ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("h", 3600), ("m", 60), ("s", 1),
        ]
        var rest = text[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            guard let unit = units.first(where: { rest.hasPrefix($0.name) }) else { return nil }
            rest = rest.dropFirst(unit.name.count)
            total += number * unit.seconds
        }
        return total < 1e15 ? Int64(total) : nil
    }
}

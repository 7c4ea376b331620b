/// A text `NAME=VALUE`, as flags and configurations have it.
struct NameAndValue {
    /// What stands before the first `=`.
    let name: String
    /// What stands behind it; `nil` for a name alone.
    let value: String?

    init(_ text: String) {
        // By bytes: `=` and a combining character are one Character.
        let equals = text.utf8.firstIndex(of: UInt8(ascii: "="))
        name = String(text[..<(equals ?? text.endIndex)])
        value = equals.map { String(text[text.utf8.index(after: $0)...]) }
    }

    /// - Throws: ``BuildError/usage(_:_:)`` where it has no name; `flag` is where it stood.
    init(_ text: String, of flag: String) throws(BuildError) {
        self.init(text)
        guard !name.isEmpty else { throw .usage(flag, "one has no name; write NAME=VALUE") }
    }
}

/// The flags of one instruction, checked against those it may have.
struct Flags {
    /// What a flag takes.
    enum Kind {
        /// Nothing, or `=true` or `=false`.
        case switching
        /// One value.
        case value
        /// A value, and the flag may stand many times.
        case values
    }

    private var values: [String: [Word]] = [:]

    init(_ statement: Statement, _ known: KeyValuePairs<String, Kind> = [:]) throws(SyntaxError) {
        for flag in statement.flags {
            let (head, value) = flag.assignment.map { ($0.name, $0.value) } ?? (flag, nil)
            let name = String(decoding: head.text.utf8.dropFirst(2), as: UTF8.self)
            guard let kind = known.first(where: { isSame($0.key, name) })?.value else {
                throw flag.error(
                    "unknown flag --\(name) of \(statement.keyword.rawValue)",
                    suggestion: suggestion(for: name, among: known.map(\.key)).map { "--\($0)" })
            }
            if case .values = kind {
            } else if values[name] != nil {
                throw flag.error("the flag --\(name) stands twice")
            }
            switch (kind, value) {
            case (.switching, nil): values[name] = [flag.with("true")]
            case (.switching, let value?):
                guard ["true", "false"].contains(value.text.lowercased()) else {
                    throw value.error("--\(name) is true or false, not \(value.text.quoted)")
                }
                values[name] = [value.with(value.text.lowercased())]
            case (_, nil): throw flag.error("the flag --\(name) needs a value: --\(name)=…")
            case (_, let value?): values[name, default: []].append(value)
            }
        }
    }

    /// The value of a flag, `nil` where it does not stand or is empty.
    func value(_ name: String) -> Word? { values[name]?.first.flatMap { $0.text.isEmpty ? nil : $0 } }

    /// The values of a flag that may stand many times.
    func values(_ name: String) -> [Word] { values[name] ?? [] }

    func isSet(_ name: String) -> Bool { values[name]?.first?.text == "true" }
}

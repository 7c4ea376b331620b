/// Variables of a step: one that is empty counts as missing.
struct SLSAVariables {
    private let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    subscript(_ name: String) -> String? {
        values[name].flatMap { text in
            let bare = Self.bare(text)
            return bare.isEmpty ? nil : bare
        }
    }

    /// What stands between commas.
    func list(_ name: String) -> [String] {
        (values[name] ?? "").split(separator: ",").map(Self.bare).filter { !$0.isEmpty }
    }

    /// Without white space at its ends: YAML leaves a newline behind a block.
    private static func bare(_ text: some StringProtocol) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}

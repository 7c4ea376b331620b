/// Variables in the form that godotenv writes: a line each, sorted, values in double quotes.
///
/// Source: github.com/joho/godotenv, `Marshal`.
enum QuotedVariables {
    /// The lines, each with its end.
    static func lines(_ variables: [(name: String, value: [UInt8])]) -> [UInt8] {
        let lines = variables.map { Array("\($0.name)=\"".utf8) + escaped($0.value) + Array("\"\n".utf8) }
        return lines.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 }
    }

    private static func escaped(_ value: [UInt8]) -> [UInt8] {
        value.flatMap { byte in
            switch byte {
            case UInt8(ascii: "\n"): Array(#"\n"#.utf8)
            case UInt8(ascii: "\r"): Array(#"\r"#.utf8)
            case let byte where #"\"!$`"#.utf8.contains(byte): [UInt8(ascii: "\\"), byte]
            default: [byte]
            }
        }
    }
}

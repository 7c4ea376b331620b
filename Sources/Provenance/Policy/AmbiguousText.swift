/// Plain YAML texts that some reader takes for a truth value, null, a number or a time.
enum AmbiguousText {
    private static let words: Set<String> = [
        "yes", "no", "on", "off", "y", "n", "true", "false", "null", ".inf", ".nan", "+.inf", "-.inf",
    ]

    /// Whether the text should be in quotation marks to be one.
    ///
    /// Wider than any one version of YAML: `1.10`, `1e3`, `0755`, `0x1F`, `1_000`, `12:30`, `2026-01-31`, and
    /// also `5801-000`. A version with two dots, such as `1.7.5`, is a number to nobody.
    ///
    /// Source: YAML 1.1 types bool, float, int, null and timestamp; YAML 1.2.2, section 10.3.
    static func holds(_ text: String) -> Bool {
        if words.contains(text.lowercased()) { return true }
        var digits = Array(text.utf8)[...]
        if digits.first == UInt8(ascii: "+") || digits.first == UInt8(ascii: "-") { digits.removeFirst() }
        guard digits.contains(where: isDigit), let first = digits.first, isDigit(first) || first == dot else {
            return false
        }
        if first == UInt8(ascii: "0"), let letter = digits.dropFirst().first, "xXoObB".utf8.contains(letter) {
            return digits.dropFirst(2).allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: "_") }
        }
        return digits.allSatisfy { isDigit($0) || "_.:eE+-".utf8.contains($0) }
            && digits.count { $0 == dot } <= 1
    }

    private static let dot = UInt8(ascii: ".")

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}

/// A version in three numbers, with what may stand behind them; all of it as it was written.
///
/// Source: semver.org 2.0.0.
struct SemanticVersion: Equatable {
    /// Major, minor and patch: digits.
    let numbers: [String]
    /// What stands behind `-`; empty for none.
    let prerelease: String
    /// What stands behind `+`; empty for none.
    let build: String

    /// How strictly a text is read.
    enum Form {
        /// As the specification has it; minor and patch may be missing where nothing stands behind the numbers.
        case shortened
        /// Three numbers, which zeros may stand before.
        case padded
    }

    /// - Returns: `nil` for what is no version.
    init?(_ text: String, _ form: Form) {
        var rest = Substring(text)
        var (prerelease, build): (Substring?, Substring?)
        if let plus = rest.firstIndex(of: "+") {
            (build, rest) = (rest[rest.index(after: plus)...], rest[..<plus])
        }
        if let hyphen = rest.firstIndex(of: "-") {
            (prerelease, rest) = (rest[rest.index(after: hyphen)...], rest[..<hyphen])
        }
        var numbers = rest.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let isStrict = form == .shortened
        guard (1...3).contains(numbers.count), numbers.allSatisfy({ Self.isNumber($0, isStrict) }) else {
            return nil
        }
        if numbers.count < 3 {
            guard isStrict, prerelease == nil, build == nil else { return nil }
            numbers += Array(repeating: "0", count: 3 - numbers.count)
        }
        if let prerelease, !Self.areIdentifiers(prerelease, hasNumbers: isStrict) { return nil }
        if let build, !Self.areIdentifiers(build, hasNumbers: false) { return nil }
        self.numbers = numbers
        (self.prerelease, self.build) = (String(prerelease ?? ""), String(build ?? ""))
    }

    private static func isNumber(_ text: some StringProtocol, _ isStrict: Bool) -> Bool {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
        return !isStrict || text == "0" || text.utf8.first != UInt8(ascii: "0")
    }

    /// Whether it is words of letters, digits and hyphens with dots between; and no number among them begins with 0.
    private static func areIdentifiers(_ text: Substring, hasNumbers: Bool) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            guard !word.isEmpty, word.utf8.allSatisfy(isWordByte) else { return false }
            let isNumeric = word.utf8.allSatisfy { (48...57).contains($0) }
            return !hasNumbers || !isNumeric || isNumber(word, true)
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "-"): true
        default: false
        }
    }
}

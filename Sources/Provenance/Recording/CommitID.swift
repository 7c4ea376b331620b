/// The name of a Git commit: a SHA-1 or SHA-256 in hexadecimal.
package struct CommitID: Hashable, Sendable {
    /// 40 or 64 lower-case hexadecimal digits.
    package let hex: String

    /// - Returns: `nil` for an abbreviated name, or anything else.
    package init?(_ text: String) {
        let digits = text.utf8
        guard digits.count == 40 || digits.count == 64,
            digits.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0)
            })
        else { return nil }
        hex = text.lowercased()
    }
}

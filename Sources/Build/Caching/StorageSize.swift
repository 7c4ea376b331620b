import Linux

/// A number of bytes as a flag writes it: `500MB`, `10GiB`, `2000000`.
public struct StorageSize: Hashable, Sendable {
    private static let units: KeyValuePairs<String, Int64> = [
        "": 1, "b": 1, "k": 1000, "kb": 1000, "kib": 1 << 10, "m": 1_000_000, "mb": 1_000_000, "mib": 1 << 20,
        "g": 1_000_000_000, "gb": 1_000_000_000, "gib": 1 << 30, "t": 1_000_000_000_000,
        "tb": 1_000_000_000_000, "tib": 1 << 40,
    ]

    /// The number.
    public let bytes: Int64

    /// Reads a whole number and perhaps a unit, decimal or binary, in small or capital letters.
    ///
    /// - Parameters:
    ///   - text: Such as `10GiB`.
    ///   - flag: Whose value it is.
    /// - Throws: ``BuildError/usage(_:_:)``.
    public init(parsing text: String, of flag: String) throws(BuildError) {
        let digits = text.utf8.prefix { (48...57).contains($0) }
        let word = String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self).lowercased()
        guard let number = Int64(String(decoding: digits, as: UTF8.self)),
            let unit = Self.units.first(where: { $0.key == word })?.value, number <= Int64.max / unit
        else { throw .usage(flag, "\(escaped(text.utf8)) is no size; write one such as 500MB or 10GiB") }
        bytes = number * unit
    }
}

/// A time that may pass, as a policy or a flag writes it: `30d`, `12h`, `90m`, `3600s`, `2w`.
public struct TimeSpan: Hashable, Sendable {
    /// Its length in seconds, at least 1.
    public let seconds: Int64

    /// The longest: 100 years of 365.25 days, in seconds.
    public static let limit: Int64 = 36_525 * 86_400

    private static let units: [UInt8: Int64] = [
        UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3_600, UInt8(ascii: "d"): 86_400,
        UInt8(ascii: "w"): 7 * 86_400,
    ]

    /// Reads a whole number and its unit: `s`, `m` (minutes), `h`, `d` or `w`.
    ///
    /// - Throws: ``TimeSpanError``, also for no time at all and for more than ``limit``.
    public init(parsing text: String) throws(TimeSpanError) {
        let bytes = Array(text.utf8)
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty, digits.count >= bytes.count - 1 else { throw TimeSpanError(text, .malformed) }
        guard let letter = bytes.dropFirst(digits.count).first else {
            throw TimeSpanError(text, .withoutUnit)
        }
        guard let unit = Self.units[letter] else { throw TimeSpanError(text, .malformed) }
        guard let number = Int64(String(decoding: digits, as: UTF8.self)), number <= Self.limit / unit else {
            throw TimeSpanError(text, .tooLong)
        }
        guard number > 0 else { throw TimeSpanError(text, .empty) }
        seconds = number * unit
    }
}

/// A text that is no ``TimeSpan``.
public struct TimeSpanError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Hashable, Sendable {
        case malformed, withoutUnit, empty, tooLong
    }

    /// The text as it stood.
    public let text: String
    /// What is wrong with it.
    public let problem: Problem

    init(_ text: String, _ problem: Problem) { (self.text, self.problem) = (text, problem) }

    /// One line, as the user reads it.
    public var description: String {
        let reason =
            switch problem {
            case .malformed: "write a whole number and a unit, such as 30d, 12h, 90m, 3600s or 2w"
            case .withoutUnit: "the unit is missing: s, m (minutes), h, d or w"
            case .empty: "no time at all"
            case .tooLong: "more than 100 years"
            }
        return "time \(text.shown): \(reason)"
    }
}

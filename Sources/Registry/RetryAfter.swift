public import OCI

/// How long a server asks to be left alone.
///
/// Source: RFC 9110, section 10.2.3; dates: section 5.6.7.
public enum RetryAfter {
    /// Reads the field `Retry-After`.
    ///
    /// - Parameters:
    ///   - field: Its value: a number of seconds, or a date.
    ///   - now: The time, to count from to a date.
    /// - Returns: Seconds, 0 or more, as the server says, without a bound; `nil` where it says nothing that can be read.
    public static func seconds(_ field: String, now: Timestamp) -> Int64? {
        let text = field.trimmingSpaces
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) { return Int64(text) ?? .max }
        return HTTPDate.parse(text).map { max(0, $0.seconds - now.seconds) }
    }
}

/// Dates as header fields have them.
///
/// Source: RFC 9110, section 5.6.7.
package enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT` and the two older forms; the day of the week is not checked.
    package static func parse(_ text: some StringProtocol) -> Timestamp? {
        let words = Substring(text).split { (character: Character) in " ,-".contains(character) }.map(
            String.init)
        switch words.count {
        case 6 where words[5] == "GMT" && words[3].utf8.count <= 4:
            return time(day: words[1], month: words[2], year: words[3], clock: words[4])
        case 5: return time(day: words[2], month: words[1], year: words[4], clock: words[3])
        default: return nil
        }
    }

    private static func time(day: String, month: String, year: String, clock: String) -> Timestamp? {
        guard let number = months.firstIndex(of: month), let day = UInt8(day), clock.utf8.count == 8,
            var year = UInt16(year)
        else { return nil }
        // Two digits are of the years 1970 to 2069.
        if year < 100 { year += year < 70 ? 2000 : 1900 }
        func padded(_ number: Int, _ width: Int) -> String {
            String(String(100_000 + number).suffix(width))
        }
        let date = "\(padded(Int(year), 4))-\(padded(number + 1, 2))-\(padded(Int(day), 2))"
        return try? Timestamp(parsing: "\(date)T\(clock)Z")
    }
}

extension StringProtocol {
    /// Without spaces and tabs at its ends.
    var trimmingSpaces: SubSequence {
        var rest = self[...]
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return rest.drop { $0 == " " || $0 == "\t" }
    }
}

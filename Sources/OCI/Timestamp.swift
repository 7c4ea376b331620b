/// A moment in the years 1 to 9999, to the nanosecond.
///
/// Source: RFC 3339, section 5.6; the calendar is the proleptic Gregorian one, without leap seconds.
public struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Whole seconds since 1970-01-01T00:00:00Z, negative before; rounded down.
    public let seconds: Int64
    /// Nanoseconds after ``seconds``, 0 to 999,999,999.
    public let nanoseconds: Int32

    /// 1970-01-01T00:00:00Z.
    public static let epoch = Timestamp(checkedSeconds: 0, nanoseconds: 0)

    private static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Takes seconds since 1970, and nanoseconds after that second.
    ///
    /// The result is `nil` outside the years 1 to 9999, and for nanoseconds
    /// that are negative or make a second.
    public init?(seconds: Int64, nanoseconds: Int32 = 0) {
        guard Self.range.contains(seconds), (0...999_999_999).contains(nanoseconds) else { return nil }
        self.init(checkedSeconds: seconds, nanoseconds: nanoseconds)
    }

    private init(checkedSeconds seconds: Int64, nanoseconds: Int32) {
        (self.seconds, self.nanoseconds) = (seconds, nanoseconds)
    }

    /// Reads a time such as `2026-01-31T12:00:00.5+02:00`.
    ///
    /// `T` and `Z` may be small. A fraction has 1 to 9 digits; more would be lost in writing.
    ///
    /// - Throws: ``OCIError/malformedTimestamp(_:)`` with the text as it stood, also
    ///   for a day that is not in the calendar and for the 60th second.
    public init(parsing text: String) throws(OCIError) {
        var scan = Scan(rest: Array(text.utf8)[...])
        guard let seconds = scan.dateAndTime(), let nanoseconds = scan.fraction(), let offset = scan.offset(),
            scan.rest.isEmpty, let time = Timestamp(seconds: seconds - offset, nanoseconds: nanoseconds)
        else { throw .malformedTimestamp(text) }
        self = time
    }

    /// The time in UTC with `Z`; a fraction of 3, 6 or 9 digits when it is not zero.
    public var description: String {
        let (day, second) = seconds.quotientAndRemainder(floorDividingBy: 86_400)
        let (year, month, dayOfMonth) = Self.date(day: day)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
        let time = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return "\(date)T\(time)\(fraction)Z"
    }

    private var fraction: String {
        switch nanoseconds {
        case 0: ""
        case _ where nanoseconds % 1_000_000 == 0: "." + padded(Int64(nanoseconds / 1_000_000), 3)
        case _ where nanoseconds % 1_000 == 0: "." + padded(Int64(nanoseconds / 1_000), 6)
        default: "." + padded(Int64(nanoseconds), 9)
        }
    }

    /// Orders by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    // MARK: Calendar

    /// Days from 0000-03-01 to 1970-01-01: a year that begins in March has its leap day at the end.
    private static let daysToEpoch: Int64 = 719_468
    private static let daysIn400Years: Int64 = 146_097

    /// Days since 1970-01-01.
    fileprivate static func day(year: Int64, month: Int64, dayOfMonth: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let (era, yearOfEra) = marchYear.quotientAndRemainder(floorDividingBy: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + dayOfMonth - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * daysIn400Years + dayOfEra - daysToEpoch
    }

    private static func date(day: Int64) -> (year: Int64, month: Int64, dayOfMonth: Int64) {
        let (era, dayOfEra) = (day + daysToEpoch).quotientAndRemainder(floorDividingBy: daysIn400Years)
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}

/// Takes a time apart from left to right; `nil` where the text does not go on as it must.
private struct Scan {
    var rest: ArraySlice<UInt8>

    /// Seconds since 1970 of `YYYY-MM-DDTHH:MM:SS`, taken as UTC.
    mutating func dateAndTime() -> Int64? {
        guard let year = number(4), year >= 1, skip("-"), let month = number(2), (1...12).contains(month),
            skip("-"), let day = number(2), (1...daysIn(month, of: year)).contains(day),
            skip("T") || skip("t"),
            let hour = number(2), hour < 24, skip(":"), let minute = number(2), minute < 60, skip(":"),
            let second = number(2), second < 60
        else { return nil }
        let days = Timestamp.day(year: year, month: month, dayOfMonth: day)
        return days * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// Nanoseconds; 0 when there is no fraction.
    mutating func fraction() -> Int32? {
        guard skip(".") else { return 0 }
        let digits = rest.prefix { (48...57).contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        let padded = digits + repeatElement(UInt8(ascii: "0"), count: 9 - digits.count)
        return padded.reduce(0) { $0 * 10 + Int32($1 - 48) }
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let isWest = skip("-")
        guard isWest || skip("+"), let hour = number(2), hour < 24, skip(":"), let minute = number(2),
            minute < 60
        else { return nil }
        return (hour * 3600 + minute * 60) * (isWest ? -1 : 1)
    }

    private mutating func number(_ count: Int) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// Quotient rounded down, and the remainder that is never negative.
    fileprivate func quotientAndRemainder(floorDividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

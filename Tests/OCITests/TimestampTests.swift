import OCI
import Testing

struct TimestampTests {
    @Test(
        "Seconds since 1970 are written as RFC 3339 says, and read back",
        arguments: [
            (0, 0, "1970-01-01T00:00:00Z"), (-1, 0, "1969-12-31T23:59:59Z"),
            (951_782_400, 0, "2000-02-29T00:00:00Z"),
            (1_709_164_800, 0, "2024-02-29T00:00:00Z"), (4_107_542_400, 0, "2100-03-01T00:00:00Z"),
            (1_694_765_987, 0, "2023-09-15T08:19:47Z"), (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
            (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
            (0, 500_000_000, "1970-01-01T00:00:00.500Z"),
            (0, 1_000, "1970-01-01T00:00:00.000001Z"), (0, 1, "1970-01-01T00:00:00.000000001Z"),
            (-1, 999_000_000, "1969-12-31T23:59:59.999Z"), (-2_203_891_200, 0, "1900-03-01T00:00:00Z"),
        ] as [(Int64, Int32, String)])
    func writes(seconds: Int64, nanoseconds: Int32, text: String) throws {
        let time = try #require(Timestamp(seconds: seconds, nanoseconds: nanoseconds))
        #expect(time.description == text)
        #expect(try Timestamp(parsing: text) == time)
    }

    @Test(
        "Offsets, small letters and fractions of any length are understood",
        arguments: [
            ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00Z"),
            ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
            ("2026-01-31T12:00:00-05:30", "2026-01-31T17:30:00Z"),
            ("2026-01-31t12:00:00z", "2026-01-31T12:00:00Z"),
            ("2026-01-31T12:00:00-00:00", "2026-01-31T12:00:00Z"),
            ("2026-01-31T12:00:00.1Z", "2026-01-31T12:00:00.100Z"),
            ("2026-01-31T12:00:00.1234+00:00", "2026-01-31T12:00:00.123400Z"),
            ("2026-01-31T12:00:00.1234567Z", "2026-01-31T12:00:00.123456700Z"),
            ("2026-01-31T12:00:00.000000000Z", "2026-01-31T12:00:00Z"),
            ("9999-12-31T23:59:59-00:00", "9999-12-31T23:59:59Z"),
        ])
    func reads(text: String, written: String) throws {
        #expect(try Timestamp(parsing: text).description == written)
    }

    @Test(
        "A text that is no time is refused and given back",
        arguments: [
            "", "Z", "2026", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00Z", "2026-01-31 12:00:00Z",
            "2026-1-31T12:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
            "2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
            "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2016-12-31T23:59:60Z", "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00.1234567890Z", "2026-01-31T12:00:00,5Z", "2026-01-31T12:00:00+0200",
            "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00+02:60", "2026-01-31T12:00:00+02",
            "2026-01-31T12:00:00Zx",
            "2026-01-31T12:00:00Z ", " 2026-01-31T12:00:00Z", "-026-01-31T12:00:00Z", "+2026-01-31T12:00:00Z",
            "12026-01-31T12:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "２０２６-01-31T12:00:00Z", "1700000000",
        ])
    func refuses(text: String) {
        #expect(throws: OCIError.malformedTimestamp(text)) { try Timestamp(parsing: text) }
    }

    @Test(
        "Seconds outside the years 1 to 9999, and nanoseconds outside a second, give no time",
        arguments: [
            (.min, 0), (.max, 0), (-62_135_596_801, 0), (253_402_300_800, 0), (0, -1), (0, 1_000_000_000),
            (0, .max),
        ] as [(Int64, Int32)])
    func outside(seconds: Int64, nanoseconds: Int32) {
        #expect(Timestamp(seconds: seconds, nanoseconds: nanoseconds) == nil)
    }

    @Test(
        "Around a turn of the century every day follows the one before",
        arguments: [
            ("1896-01-01T00:00:00Z", "1904-12-31T00:00:00Z", 3_286),
            ("1996-01-01T00:00:00Z", "2004-12-31T00:00:00Z", 3_287),
            ("0001-01-01T00:00:00Z", "0005-01-01T00:00:00Z", 1_461),
        ])
    func calendar(first: String, last: String, days: Int64) throws {
        let start = try Timestamp(parsing: first)
        var before = start
        for day in 1...days {
            let time = try #require(Timestamp(seconds: start.seconds + day * 86_400))
            #expect(before.description < time.description)
            #expect(try Timestamp(parsing: time.description) == time)
            before = time
        }
        #expect(before.description == last)
    }
}

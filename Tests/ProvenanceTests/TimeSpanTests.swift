import Provenance
import Testing

struct TimeSpanTests {
    @Test(
        "A number and a unit are seconds",
        arguments: [
            ("3600s", 3_600), ("90m", 5_400), ("12h", 43_200), ("30d", 2_592_000), ("2w", 1_209_600),
            ("1s", 1),
            ("007d", 604_800), ("36525d", TimeSpan.limit), ("3155760000s", TimeSpan.limit),
        ])
    func reads(text: String, seconds: Int64) throws {
        #expect(try TimeSpan(parsing: text).seconds == seconds)
    }

    @Test(
        "Everything else is refused",
        arguments: [
            ("", .malformed), ("d", .malformed), ("-1d", .malformed), ("+1d", .malformed),
            ("1.5h", .malformed),
            ("1 d", .malformed), ("1d12h", .malformed), ("1D", .malformed), ("1y", .malformed),
            ("1ms", .malformed), ("\u{661}d", .malformed), ("30", .withoutUnit), ("0d", .empty),
            ("36526d", .tooLong), ("3155760001s", .tooLong), ("99999999999999999999w", .tooLong),
        ] as [(String, TimeSpanError.Problem)])
    func refuses(text: String, problem: TimeSpanError.Problem) throws {
        let error = try #require(throws: TimeSpanError.self) { try TimeSpan(parsing: text) }
        #expect(error.text == text)
        #expect(error.problem == problem)
    }

    @Test func `an error says what to write`() throws {
        let error = try #require(throws: TimeSpanError.self) { try TimeSpan(parsing: "30") }
        #expect(error.description == "time \"30\": the unit is missing: s, m (minutes), h, d or w")
    }
}

import OCI
import Testing

@testable import Build

@Suite struct HistoryTextTests {
    @Test(
        "words are quoted as Go quotes them",
        arguments: [
            (["/bin/sh", "-c", "a b"], #"["/bin/sh" "-c" "a b"]"#), ([], "[]"),
            (["a\"b\\c\n\t\r\u{1}é"], #"["a\"b\\c\n\t\r\x01é"]"#),
        ])
    func quoted(words: [String], expected: String) { #expect(HistoryText.quoted(words) == expected) }

    @Test(
        "durations are written as Go writes them",
        arguments: [
            (Int64(0), "0s"), (30_000_000_000, "30s"), (90_000_000_000, "1m30s"),
            (3_600_000_000_000, "1h0m0s"), (1_500_000, "1.5ms"), (1_250_000_000, "1.25s"),
            (3_661_001_000_000, "1h1m1.001s"),
        ])
    func durations(nanoseconds: Int64, expected: String) {
        let check: JSONObject = ["Test": ["CMD", "a"], "Interval": .number(JSONNumber(nanoseconds))]
        #expect(
            HistoryText.healthcheck(check)
                == "HEALTHCHECK {Test:[CMD a] Interval:\(expected) Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}"
        )
    }

    @Test func `an argument that looks secret shows no value`() {
        let arguments: [(name: String, value: String?)] = [
            ("VERSION", "1"), ("EMPTY", ""), ("NONE", nil), ("API_TOKEN", "canary"),
            ("URL", "https://user:canary@example.com/"),
        ]
        #expect(HistoryText.arguments(arguments) == "ARG VERSION=1 EMPTY= NONE API_TOKEN URL")
    }

    @Test func `ports are listed in their order`() {
        #expect(HistoryText.ports(["80/tcp", "53/udp", "80/tcp"]) == "EXPOSE map[53/udp:{} 80/tcp:{}]")
    }
}

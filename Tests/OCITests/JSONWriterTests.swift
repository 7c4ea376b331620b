import OCI
import Testing

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

struct JSONWriterTests {
    @Test(
        "A value is written without white space and with the fewest escapes",
        arguments: [
            (.null, "null"), (true, "true"), (false, "false"), (-12, "-12"), ([], "[]"), ([:], "{}"),
            ([1, "a", [.null]], "[1,\"a\",[null]]"), (["b": 1, "a": [:]], "{\"b\":1,\"a\":{}}"),
            ("a/b", "\"a/b\""), ("\"\\", "\"\\\"\\\\\""), ("<>&'", "\"<>&'\""),
            ("\n\t\r\u{8}\u{C}", "\"\\n\\t\\r\\b\\f\""),
            ("\0\u{1}\u{B}\u{F}\u{10}\u{1F}", "\"\\u0000\\u0001\\u000b\\u000f\\u0010\\u001f\""),
            ("\u{7F}\u{2028}é😀", "\"\u{7F}\u{2028}é😀\""),
            (["k\"\n": 1], "{\"k\\\"\\n\":1}"),
        ] as [(JSONValue, String)])
    func compact(value: JSONValue, written: String) throws {
        #expect(text(value.serialized()) == written)
        #expect(try JSONValue(parsing: value.serialized()) == value)
    }

    @Test func `indentation puts every member and element on its own line`() {
        let value: JSONValue = ["a": [1, ["b": [], "c": [:]]], "d": "x"]
        #expect(
            text(value.serialized(indent: 2)) == """
                {
                  "a": [
                    1,
                    {
                      "b": [],
                      "c": {}
                    }
                  ],
                  "d": "x"
                }
                """)
    }

    @Test("Any indentation is read back as the same value", arguments: [Int.min, 0, 1, 16, Int.max])
    func anyIndentation(indent: Int) throws {
        let value: JSONValue = [["a": 1], []]
        #expect(try JSONValue(parsing: value.serialized(indent: indent)) == value)
    }

    @Test(
        "Compact text is written as it was read, byte by byte",
        arguments: [
            "{\"b\":1.0,\"a\":1e3,\"c\":-0,\"n\":123456789012345678901234567890}",
            "[\"e\u{301}\",\"\u{E9}\"]",
            "{\"urls\":[\"https://example.com/a?b=c&d\"],\"x\":\"\\u001b\"}",
        ])
    func roundTrip(document: String) throws {
        #expect(try JSONValue(parsing: Array(document.utf8)).serialized() == Array(document.utf8))
    }
}

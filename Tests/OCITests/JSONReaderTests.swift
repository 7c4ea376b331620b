import OCI
import Testing

private func parse(_ text: String) throws(JSONError) -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
}

private func nested(_ depth: Int) -> [UInt8] {
    Array(repeating: UInt8(ascii: "["), count: depth) + Array(repeating: UInt8(ascii: "]"), count: depth)
}

struct JSONReaderTests {
    @Test(
        "A JSON document is read as the value it says",
        arguments: [
            ("null", .null), ("true", true), ("false", false), ("0", 0), ("-7", -7), ("\"\"", ""),
            (" \t\r\n[ 1 , 2 ] \n", [1, 2]), ("[]", []), ("{}", [:]), ("[[],{}]", [[], [:]]),
            ("{\"b\":1,\"a\":{\"\":null}}", ["b": 1, "a": ["": .null]]),
            ("\"\\u0041\\u00e9\\u20AC\"", "Aé€"), ("\"\\ud83d\\ude00\"", "😀"),
            ("\"😀\u{2028}\u{7F}\"", "😀\u{2028}\u{7F}"),
            ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{C}\n\r\t"), ("\"\\u0000\"", "\0"),
            ("\"\\uFEFF\"", "\u{FEFF}"), ("9223372036854775807", 9_223_372_036_854_775_807),
        ] as [(String, JSONValue)])
    func accepts(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(
        "A number keeps its text",
        arguments: ["0", "-0", "1.0", "1e3", "1E+3", "0.10", "-1.5e-9", "123456789012345678901234567890"])
    func keepsNumbers(text: String) throws {
        guard case .number(let number) = try parse(text) else {
            Issue.record("\(text) was not read as a number")
            return
        }
        #expect(number.text == text)
    }

    @Test(
        "Only the text of a whole number that fits is a 64-bit number",
        arguments: [
            ("0", 0), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("1.0", nil), ("1e3", nil), ("\"1\"", nil), ("null", nil),
        ] as [(String, Int64?)])
    func int64(text: String, number: Int64?) throws {
        #expect(try parse(text).int64 == number)
    }

    @Test(
        "A text that is not strict JSON is refused at its first wrong byte",
        arguments: [
            ("", 1, 1, "end of the text"), ("  ", 1, 3, "end of the text"), ("nul", 1, 1, "'n'"),
            ("True", 1, 1, "'T'"), ("NaN", 1, 1, "'N'"), ("Infinity", 1, 1, "'I'"),
            ("-Infinity", 1, 2, "'I'"),
            ("01", 1, 1, "leading zero"), ("-01", 1, 1, "leading zero"), ("+1", 1, 1, "'+'"),
            (".5", 1, 1, "'.'"),
            ("1.", 1, 3, "a digit"), ("1.e1", 1, 3, "a digit"), ("1e", 1, 3, "a digit"),
            ("1e+", 1, 4, "a digit"),
            ("-", 1, 2, "a digit"), ("0x10", 1, 2, "after the end"), ("1_000", 1, 2, "after the end"),
            ("[1,]", 1, 4, "']'"), ("[,1]", 1, 2, "','"), ("[1 2]", 1, 4, "',' or ']'"),
            ("[1", 1, 3, "end of the text"),
            ("[1}", 1, 3, "'}'"), ("{\"a\":1,}", 1, 8, "a key"), ("{,}", 1, 2, "a key"),
            ("{a:1}", 1, 2, "a key"),
            ("{'a':1}", 1, 2, "a key"), ("{1:1}", 1, 2, "a key"), ("{\"a\"}", 1, 5, "':'"),
            ("{\"a\" 1}", 1, 6, "':'"), ("{\"a\":}", 1, 6, "a value"), ("{\"a\":1", 1, 7, "',' or '}'"),
            ("{\"a\":1\n\"b\":2}", 2, 1, "',' or '}'"), ("{} {}", 1, 4, "after the end"),
            ("1 // one", 1, 3, "after the end"),
            ("/* one */ 1", 1, 1, "'/'"), ("[1]\0", 1, 4, "0x00"), ("\u{FEFF}{}", 1, 1, "byte order mark"),
            ("\u{A0}1", 1, 1, "0xc2"), ("'a'", 1, 1, "'''"), ("\"a", 1, 1, "closing quotation mark"),
            ("\"a\\\"", 1, 1, "closing quotation mark"), ("\"\\", 1, 3, "closing quotation mark"),
            ("\"a\nb\"", 1, 3, "control character"), ("\"\t\"", 1, 2, "control character"),
            ("\"\u{1F}\"", 1, 2, "control character"), ("\"\\x41\"", 1, 2, "escape"),
            ("\"\\'\"", 1, 2, "escape"),
            ("\"\\u12\"", 1, 6, "hexadecimal"), ("\"\\u12G4\"", 1, 6, "hexadecimal"),
            ("\"\\ud800\"", 1, 2, "surrogate"), ("\"\\ud800x\"", 1, 2, "surrogate"),
            ("\"\\ud800\\n\"", 1, 2, "surrogate"), ("\"\\ud800\\ud800\"", 1, 2, "surrogate"),
            ("\"\\udc00\"", 1, 2, "surrogate"), ("\n\n  tru", 3, 3, "'t'"),
        ])
    func refuses(text: String, line: Int, column: Int, reason: String) {
        let error = #expect(throws: JSONError.self) { try parse(text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error?.reason.contains(reason) == true, "the reason is: \(error?.reason ?? "none")")
    }

    @Test(
        "Bytes that are not UTF-8 are refused where they stand",
        arguments: [
            ([0x80], 3), ([0xC3], 3), ([0xC0, 0xAF], 3), ([0xE0, 0x80, 0xAF], 3), ([0xED, 0xA0, 0x80], 3),
            ([0xF4, 0x90, 0x80, 0x80], 3), ([0xFF], 3), ([0xC3, 0xA9, 0xFE], 5),
            ([0x5C, 0x6E, 0xE2, 0x82], 5),
        ] as [([UInt8], Int)])
    func refusesInvalidUTF8(bytes: [UInt8], column: Int) {
        let quote = [UInt8(ascii: "\"")]
        #expect(throws: JSONError(line: 1, column: column, reason: "a string that is not UTF-8")) {
            try JSONValue(parsing: [UInt8(ascii: "[")] + quote + bytes + quote + [UInt8(ascii: "]")])
        }
    }

    @Test(
        "Other encodings are refused",
        arguments: [
            [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], [0xFE, 0xFF, 0x00, 0x7B], [0x7B, 0x00, 0x7D, 0x00],
            [0x00, 0x00, 0x00, 0x7B],
        ] as [[UInt8]])
    func refusesOtherEncodings(bytes: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error?.reason == "the text is not UTF-8; it looks like UTF-16 or UTF-32")
    }

    @Test(
        "A key that stands twice is refused, however it is written",
        arguments: [
            ("{\"a\":1,\"a\":1}", 8), ("{\"a\":1,\"\\u0061\":2}", 8),
            ("{\"x\":{\"a\":1,\"b\":2,\"a\":3}}", 19),
            ("{\"\":1,\"\":2}", 7),
        ])
    func refusesDuplicateKeys(text: String, column: Int) {
        let error = #expect(throws: JSONError.self) { try parse(text) }
        #expect(error?.column == column)
        #expect(error?.reason.hasSuffix("stands twice") == true)
    }

    @Test func `keys are different when their bytes are, although Unicode calls them equivalent`() throws {
        let value = try parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
    }

    @Test(
        "Depth is counted in arrays and objects, and bounded",
        arguments: [
            (64, 64, true), (65, 64, false), (1, 0, false), (1_000, 5_000, true), (1_001, 5_000, false),
        ])
    func depth(depth: Int, limit: Int, isAccepted: Bool) {
        let value = try? JSONValue(parsing: nested(depth), limits: JSONLimits(depth: limit))
        #expect((value != nil) == isAccepted)
    }

    @Test("100,000 levels are refused and do not overflow the stack", arguments: [64, Int.max])
    func veryDeep(limit: Int) {
        let error = #expect(throws: JSONError.self) {
            try JSONValue(parsing: nested(100_000), limits: JSONLimits(depth: limit))
        }
        #expect(
            error
                == JSONError(
                    line: 1, column: limit == 64 ? 65 : 1_001,
                    reason: "more than \(min(limit, 1_000)) levels deep"))
    }

    @Test func `the number of bytes and of values is bounded`() throws {
        let text = Array("[1,2,3]".utf8)
        #expect(try JSONValue(parsing: text, limits: JSONLimits(bytes: 7, values: 4)) == [1, 2, 3])
        #expect(throws: JSONError(line: 1, column: 1, reason: "the document has 7 bytes, at most 6 are read"))
        {
            try JSONValue(parsing: text, limits: JSONLimits(bytes: 6))
        }
        #expect(throws: JSONError(line: 1, column: 6, reason: "more than 3 values")) {
            try JSONValue(parsing: text, limits: JSONLimits(values: 3))
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `a million elements are read in time`() throws {
        let text =
            Array("[".utf8) + Array(repeatElement(Array("1,".utf8), count: 999_998).joined())
            + Array("1]".utf8)
        #expect(try JSONValue(parsing: text).array?.count == 999_999)
        let more = [UInt8(ascii: "["), UInt8(ascii: "1"), UInt8(ascii: ",")] + text.dropFirst()
        #expect(throws: JSONError.self) { try JSONValue(parsing: more) }
    }

    @Test(.timeLimit(.minutes(30)))
    func `100,000 keys are read in time, and the last one twice is noticed`() throws {
        let members = (0..<100_000).map { "\"key\($0)\":0" }.joined(separator: ",")
        #expect(try parse("{\(members)}").object?.members.count == 100_000)
        let error = #expect(throws: JSONError.self) { try parse("{\(members),\"key99999\":1}") }
        #expect(error?.reason == "the key \"key99999\" stands twice")
    }

    @Test(.timeLimit(.minutes(30)))
    func `keys that Unicode calls equivalent do not slow the reader down`() throws {
        let keys = (0..<16_384).map { number in
            (0..<14).map { number >> $0 & 1 == 0 ? "\u{E9}" : "e\u{301}" }.joined()
        }
        let text = "{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        #expect(try parse(text).object?.members.count == 16_384)
    }

    @Test func `every cut of a document is refused`() {
        let text = Array(vectorConfiguration.utf8)
        for count in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.prefix(count))) }
        }
    }

    @Test func `a message shows a hostile key without its control characters, and shortened`() throws {
        let key = "\\u001b[2J" + String(repeating: "k", count: 500)
        let error = #expect(throws: JSONError.self) { try parse("{\"\(key)\":1,\"\(key)\":2}") }
        let text = try #require(error).description
        #expect(text.hasPrefix("JSON, line 1, byte 516: the key \"\\u{1b}[2Jkkk"))
        #expect(text.hasSuffix("kkk…\" stands twice"))
        #expect(text.utf8.count < 220)
    }
}

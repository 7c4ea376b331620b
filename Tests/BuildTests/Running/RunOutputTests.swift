import Testing

@testable import Build

@Suite struct RunOutputTests {
    @Test(
        "a line gives a terminal no orders, and shows what was written",
        arguments: [
            ("plain\ttext é 日本", "plain\ttext é 日本"), ("\u{1B}[2J", "\\x1b[2J"), ("a\u{9B}b", "a\\xc2\\x9bb"),
            // What turns the rest of the line around, and what hides in it.
            ("ok\u{202E}ko", "ok\\xe2\\x80\\xaeko"),
            ("a\u{2066}b\u{2069}", "a\\xe2\\x81\\xa6b\\xe2\\x81\\xa9"),
            ("a\u{200B}\u{FEFF}b", "a\\xe2\\x80\\x8b\\xef\\xbb\\xbfb"),
            ("a\u{E0041}", "a\\xf3\\xa0\\x81\\x81"),
            // What breaks it.
            ("a\u{2028}b\u{2029}c", "a\\xe2\\x80\\xa8b\\xe2\\x80\\xa9c"),
        ])
    func shown(line: String, expected: String) { #expect(RunOutput.shown(Array(line.utf8)[...]) == expected) }

    @Test func `what is no text is spelt out`() {
        #expect(RunOutput.shown([97, 0xFF, 0xE2, 0x80, 98, 0]) == "a\\xff\\xe2\\x80b\\x00")
    }
}

import Glibc
import Testing
import YAML

struct YAMLRefusalTests {
    @Test(
        "What readers could take differently is refused, with its place",
        arguments: [
            ("a: &x b\n", 1, 4, "anchors are not read: remove the & and its name"),
            ("a: b\nc: &x [d]\n", 2, 4, "anchors are not read: remove the & and its name"),
            ("&x a: b\n", 1, 1, "anchors are not read: remove the & and its name"),
            ("a: *x\n", 1, 4, "aliases are not read: write the value out in place of *"),
            ("*x : b\n", 1, 1, "aliases are not read: write the key out in place of *"),
            ("a: !!str 1\n", 1, 4, "tags are not read: remove the ! and its name"),
            ("a: !x {}\n", 1, 4, "tags are not read: remove the ! and its name"),
            ("é: {é: b}\né: x\na: ! 1\n", 2, 1, "the key \"é\" stands on line 1 already"),
            ("é: {é: b}\na: ! 1\n", 2, 4, "tags are not read: remove the ! and its name"),
            ("é: é\r\na: ! 'x'\n", 2, 4, "tags are not read: remove the ! and its name"),
            ("a: ! [x]\n", 1, 4, "tags are not read: remove the ! and its name"),
            ("a: !<tag:yaml.org,2002:int> 1\n", 1, 4, "tags are not read: remove the ! and its name"),
            ("%TAG ! tag:a,2000:\n---\na: b\n", 1, 1, "tags are not read: remove %TAG"),
            ("# é\r\n%TAG ! tag:a,2000:\r\n---\na: b\n", 2, 1, "tags are not read: remove %TAG"),
            ("a: 'b\n%TAG c'\n", 2, 1, "tags are not read: remove %TAG"),
            ("a: 1\nb: 2\na: 3\n", 3, 1, "the key \"a\" stands on line 1 already"),
            ("a: 1\n\"\\x61\": 3\n", 2, 1, "the key \"a\" stands on line 1 already"),
            ("a:\n  b: 1\n  'b': 2\n", 3, 3, "the key \"b\" stands on line 2 already"),
            ("{a: 1, a: 2}", 1, 8, "the key \"a\" stands on line 1 already"),
            ("? [a]\n: b\n", 1, 3, "a key that is a list or a mapping"),
            ("{[a]: b}", 1, 2, "a key that is a list or a mapping"),
            ("a: 1\n<<: {b: 2}\n", 2, 1, "the merge key << is not read: write the members out"),
            ("a: 1\n---\nb: 2\n", 2, 1, "a second document, where only one is read"),
            ("a: 1\n...\n---\nb: 2\n", 3, 1, "a second document, where only one is read"),
            ("a: \"b\\0c\"\n", 1, 4, "a NUL in a text"),
            ("a\u{FEFF}: b", 1, 2, "a byte order mark inside the text"),
            ("a: b\n\u{FEFF}", 2, 1, "a byte order mark inside the text"),
            ("a: é\0", 1, 5, "a NUL"),
            ("# a\u{2028}b: c\n", 1, 4, "U+2028, which only some readers take for a line's end"),
            ("# a\u{2029}b: c\n", 1, 4, "U+2029, which only some readers take for a line's end"),
            ("a: 1\n# a\u{85}b: c\n", 2, 4, "U+0085, which only some readers take for a line's end"),
            (
                "# a\rb: c\n", 1, 4,
                "a carriage return without a line feed, which only some readers take for a line's end"
            ),
            (
                "a: b\r", 1, 5,
                "a carriage return without a line feed, which only some readers take for a line's end"
            ),
        ])
    func refuses(text: String, line: Int, column: Int, reason: String) {
        #expect(throws: YAMLError(line: line, column: column, reason: reason)) {
            try YAMLValue.Node(parsing: Array(text.utf8))
        }
    }

    @Test(
        "What is no YAML is refused in libyaml's words",
        arguments: [
            ("a: [b\n", 2, 1, "while parsing a flow sequence, did not find expected ',' or ']'"),
            ("a: 'b\n", 2, 1, "while scanning a quoted scalar, found unexpected end of stream"),
            (
                "a:\n\t- b\n", 2, 1,
                "while scanning for the next token, found character that cannot start any token"
            ),
            ("a: b: c\n", 1, 5, "mapping values are not allowed in this context"),
            (
                "a: *\n", 1, 5,
                "while scanning an alias, did not find expected alphabetic or numeric character"
            ),
            ("a: b\n- c\n", 2, 1, "while parsing a block mapping, did not find expected key"),
            ("a: \"\\q\"\n", 1, 5, "while parsing a quoted scalar, found unknown escape character"),
            ("a: b\nc: é\u{1}\n", 2, 5, "control characters are not allowed"),
            ("a: 1\n...\nb: 2\n", 3, 1, "did not find expected <document start>"),
            ("%YAML 2.0\n---\na: b\n", 1, 1, "found incompatible YAML document"),
        ])
    func words(text: String, line: Int, column: Int, reason: String) {
        #expect(throws: YAMLError(line: line, column: column, reason: reason)) {
            try YAMLValue.Node(parsing: Array(text.utf8))
        }
    }

    @Test(
        "Bytes that are no UTF-8 are refused, with their place",
        arguments: [
            ([0x61, 0x3A, 0x20, 0xE9, 0x0A], 1, 4), ([0x0A, 0xC3, 0xA9, 0xC3], 2, 2),
            ([0xED, 0xA0, 0x80], 1, 1),
            ([0xC0, 0x80], 1, 1), ([0xFF, 0xFE, 0x61, 0x00], 1, 1), ([0xF5, 0x80, 0x80, 0x80], 1, 1),
        ] as [([UInt8], Int, Int)])
    func encoding(bytes: [UInt8], line: Int, column: Int) {
        #expect(throws: YAMLError(line: line, column: column, reason: "not UTF-8")) {
            try YAMLValue.Node(parsing: bytes)
        }
    }

    @Test func `an alias bomb ends at its first anchor`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(
            throws: YAMLError(
                line: 1, column: 5, reason: "anchors are not read: remove the & and its name")
        ) { try YAMLValue.Node(parsing: Array(text.utf8)) }
    }

    @Test(
        "A text that libyaml would read for minutes is refused at once",
        arguments: ["%TAG !a! tag:b\n", "\u{FEFF}%TAG !a! tag:b\n"])
    func directives(first: String) {
        let text = first + (0..<70_000).map { "%TAG !\($0)! x\n" }.joined()
        // Of the thread alone: other tests keep the processors busy.
        func seconds() -> Int {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return time.tv_sec
        }
        let start = seconds()
        #expect(throws: YAMLError.self) { try YAMLValue.Node(parsing: Array(text.utf8)) }
        #expect(seconds() - start < 10)
    }

    @Test("32 levels are read, and the 33rd is not", arguments: ["[", "- ", "{a: ", "? "])
    func depth(opening: String) throws {
        let closing = ["[": "]", "{a: ": "}"][opening] ?? ""
        func text(_ levels: Int) -> [UInt8] {
            Array((repeated(opening, levels) + "b" + repeated(closing, levels)).utf8)
        }
        if opening != "? " { #expect(try YAMLValue.Node(parsing: text(32)).text == nil) }
        for levels in [33, 2_000, 200_000] {
            let error = try #require(throws: YAMLError.self) { try YAMLValue.Node(parsing: text(levels)) }
            #expect(error.line == 1)
            // Whichever comes first: what follows a key is limited to 1,024 characters.
            if opening == "- " || opening == "[" && levels == 33 {
                #expect(error.reason == "more than 32 sequences and mappings inside one another")
            }
        }
    }

    @Test func `100,000 nodes are read, and one more is not`() throws {
        func text(_ elements: Int) -> [UInt8] { Array(repeated("- a\n", elements).utf8) }
        #expect(try YAMLValue.Node(parsing: text(99_999)).sequence?.count == 99_999)
        #expect(throws: YAMLError(line: 100_000, column: 3, reason: "more than 100000 nodes")) {
            try YAMLValue.Node(parsing: text(100_000))
        }
    }

    @Test func `1 MiB is read, and one byte more is not`() throws {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        #expect(try YAMLValue.Node(parsing: text).text?.utf8.count == 1 << 20)
        #expect(
            throws: YAMLError(line: 1, column: 1, reason: "1048577 bytes, at most 1048576 are read")
        ) { try YAMLValue.Node(parsing: text + [10]) }
    }

    @Test func `an error is one line`() {
        #expect(YAMLError(line: 3, column: 7, reason: "why").description == "YAML, line 3, column 7: why")
    }

    private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
}

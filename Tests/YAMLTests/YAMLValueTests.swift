import Testing
import YAML

struct YAMLValueTests {
    @Test(
        "A text is read as what stands there",
        arguments: [
            ("a: 1\nb: [x, 'y', \"z\"]\n", "{a: 1, b: [x, 'y', 'z']}"),
            ("a: 1\r\nb:\r\n  - x\r\n  - y\r\n", "{a: 1, b: [x, y]}"),
            ("\u{FEFF}a: b\n", "{a: b}"),
            ("---\n# why\na: b # and\n...\n", "{a: b}"),
            ("%YAML 1.1\n---\na: b\n", "{a: b}"),
            ("{a: {b: [ ]}, c: {}}", "{a: {b: []}, c: {}}"),
            ("a: |\n  one\n  two\n\nb: >-\n  one\n  two\n", "{a: 'one\ntwo\n', b: 'one two'}"),
            ("a: |\r\n  one\r\n  two\r\n", "{a: 'one\ntwo\n'}"),
            ("a:\nb: ~\n", "{a: , b: ~}"),
            ("\"a\\u00e9\\n\": 'it''s'\n", "{'a\u{E9}\n': 'it's'}"),
            ("ключ: 値 🙂\n", "{ключ: 値 🙂}"),
            ("\u{E9}: 1\ne\u{301}: 2\n", "{\u{E9}: 1, e\u{301}: 2}"),
            ("a: b!c&d*e\n", "{a: b!c&d*e}"),
            ("a: '!b'\nc: '*'\n'<<': d\n", "{a: '!b', c: '*', '<<': d}"),
            ("? a\n: b\n", "{a: b}"),
            ("- - a\n  - b\n- c", "[[a, b], c]"),
            ("version: 1.10\nno: off\n", "{version: 1.10, no: off}"),
            ("just a text", "just a text"), ("", ""), ("# nothing\n", ""),
        ])
    func reads(text: String, meaning: String) throws {
        #expect(try written(YAMLValue.Node(parsing: Array(text.utf8))) == meaning)
    }

    @Test func `every node knows where it begins`() throws {
        let root = try YAMLValue.Node(parsing: Array("# é\nä: {b: 'c'}\nd:\n  - é: |\n      e\n".utf8))
        #expect(
            places(root) == [
                "2:1 {", "2:1 ä", "2:4 {", "2:5 b", "2:8 c", "3:1 d", "4:3 [", "4:5 {", "4:5 é", "4:8 e\n",
            ])
    }

    @Test(
        "A scalar has only the type that it is written as",
        arguments: [
            // text, .text, .integer, .boolean, .isNull
            ("a", "a", nil, nil, false), ("'a'", "a", nil, nil, false), ("''", "", nil, nil, false),
            ("true", "true", nil, true, false), ("false", "false", nil, false, false),
            ("'true'", "true", nil, nil, false), ("True", "True", nil, nil, false),
            ("yes", "yes", nil, nil, false), ("no", "no", nil, nil, false), ("on", "on", nil, nil, false),
            ("off", "off", nil, nil, false), ("y", "y", nil, nil, false),
            ("0", "0", 0, nil, false), ("-12", "-12", -12, nil, false), ("'3'", "3", nil, nil, false),
            ("9223372036854775807", "9223372036854775807", .max, nil, false),
            ("9223372036854775808", "9223372036854775808", nil, nil, false),
            ("+1", "+1", nil, nil, false), ("010", "010", nil, nil, false), ("1_0", "1_0", nil, nil, false),
            ("0x10", "0x10", nil, nil, false), ("1:30", "1:30", nil, nil, false),
            ("-0", "-0", nil, nil, false), ("1.10", "1.10", nil, nil, false), ("1e3", "1e3", nil, nil, false),
            ("", nil, nil, nil, true), ("~", nil, nil, nil, true), ("null", nil, nil, nil, true),
            ("'null'", "null", nil, nil, false), ("|\n   1\n", "1\n", nil, nil, false),
        ] as [(String, String?, Int64?, Bool?, Bool)])
    func types(written: String, text: String?, integer: Int64?, boolean: Bool?, isNull: Bool) throws {
        let node = try #require(
            try YAMLValue.Node(parsing: Array("a: \(written)".utf8)).mapping?.first?.value)
        #expect(node.text == text)
        #expect(node.integer == integer)
        #expect(node.boolean == boolean)
        #expect(node.isNull == isNull)
        #expect(node.sequence == nil && node.mapping == nil)
    }

    @Test func `the library says its version`() {
        #expect(YAMLLibrary.version.split(separator: ".").count == 3)
    }

    /// The value in one line; quotation marks stand around what is not plain.
    private func written(_ node: YAMLValue.Node) -> String {
        switch node.value {
        case .scalar(let text, let isPlain): isPlain ? text : "'\(text)'"
        case .sequence(let nodes): "[" + nodes.map(written).joined(separator: ", ") + "]"
        case .mapping(let members):
            "{" + members.map { "\(written($0.key)): \(written($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    private func places(_ node: YAMLValue.Node) -> [String] {
        let place = "\(node.line):\(node.column) "
        return switch node.value {
        case .scalar(let text, isPlain: _): [place + text]
        case .sequence(let nodes): [place + "["] + nodes.flatMap(places)
        case .mapping(let members): [place + "{"] + members.flatMap { places($0.key) + places($0.value) }
        }
    }
}

@testable import DockerfileSyntax
import Testing

/// What a word becomes; `nil` where it is refused.
private func expand(_ word: String, _ variables: [(String, String)] = []) -> String? {
    var expander = WordExpander(
        [UInt8](word), escape: .backslash, variables: Variables(variables + [("SET", "value"), ("NONE", "")]))
    return try? expander.expanded().text
}

struct WordsTests {
    @Test(
        "Quotes and escapes vanish as in a shell",
        arguments: [
            ("plain", "plain"), ("a'b'c", "abc"), ("a\"b\"c", "abc"), ("'a b'", "a b"), ("a\\'b", "a'b"),
            ("a\\\\", "a\\"),
            ("a\\", "a"), ("a\\tb", "atb"), ("\"a\\tb\"", "a\\tb"), ("\"a\\\\b\"", "a\\b"),
            ("'a\\\\b'", "a\\\\b"),
            ("'a\\'", "a\\"), ("\"'\"", "'"), ("'\"'", "\""), ("\"a\\\"b\"", "a\"b"), ("''", ""),
            ("ä'ö'ü", "äöü"),
            ("\\ä", "ä"), ("a'b", nil), ("a\"b", nil), ("\"a\\\"", nil), ("a\\\\'b", nil),
        ])
    func quotes(word: String, text: String?) { #expect(expand(word) == text) }

    @Test(
        "Variables become their values",
        arguments: [
            ("a$SET.", "avalue."), ("a${SET}b", "avalueb"), ("$SETb", ""), ("\"$SET\"", "value"),
            ("'$SET'", "$SET"),
            ("\\$SET", "$SET"), ("\"\\$SET\"", "$SET"), ("\\\\$SET", "\\value"), ("$.", "$."), ("a$", "a$"),
            ("$$", ""),
            ("$1x", "x"), ("$12x", "x"), ("${12}x", "x"), ("$@@", "@"), ("${#}", ""), ("${$}", ""),
            ("$größe", "wert"),
            ("${ SET}", nil), ("${}", nil), ("${", nil), ("${SET", nil), ("${{SET}", nil), ("${.}", nil),
            ("${:-a}", nil),
            ("${-a}", nil), ("${SET=a}", nil), ("${SET:=a}", nil), ("${SET:a}", nil), ("${SET:", nil),
            ("${SET^}", nil),
            ("${SET}}", "value}"), ("\\${}", "${}"),
        ])
    func variables(word: String, text: String?) {
        #expect(expand(word, [("größe", "wert")]) == text)
    }

    @Test(
        "The forms that tell unset from empty",
        arguments: [
            // word, set, empty, not set
            ("-", "value", "", "w"), (":-", "value", "w", "w"), ("+", "w", "w", ""), (":+", "w", "", ""),
            ("?", "value", "", nil), (":?", "value", nil, nil),
        ])
    func unsetOrEmpty(operation: String, set: String?, empty: String?, unset: String?) {
        #expect(expand("${SET\(operation)w}") == set)
        #expect(expand("${NONE\(operation)w}") == empty)
        #expect(expand("${OTHER\(operation)w}") == unset)
    }

    @Test(
        "A form's word is expanded too",
        arguments: [
            ("${X:-$SET}", "value"), ("${X:-${Y:-${SET}}}", "value"), ("${X:-'a b'}", "a b"),
            ("${X:-\\}}", "}"),
            ("${X:-\\$SET}", "$SET"), ("${SET:+${NONE:-z}}", "z"), ("${X:-\"}\"}", "}"), ("${X:-a ${Y}", nil),
        ])
    func nested(word: String, text: String?) { #expect(expand(word) == text) }

    @Test(
        "Patterns take away and replace",
        arguments: [
            ("${V#*/}", "b/a/c"), ("${V##*/}", "c"), ("${V%/*}", "a/b/a"), ("${V%%/*}", "a"),
            ("${V#x}", "a/b/a/c"),
            ("${V#?}", "/b/a/c"), ("${V%%*}", ""), ("${V#*}", "a/b/a/c"), ("${V##*}", ""),
            ("${V#}", "a/b/a/c"),
            ("${V/a/X}", "X/b/a/c"), ("${V//a/X}", "X/b/X/c"), ("${V//\\//.}", "a.b.a.c"),
            ("${V/b*/-}", "a/-"),
            ("${V//[a]/-}", "a/b/a/c"), ("${V//?/-}", "-------"), ("${V//a/}", "/b//c"),
            ("${V//z/-}", "a/b/a/c"),
            ("${V//$K/-}", "a/-/a/c"), ("${V/a/$K}", "b/b/a/c"), ("${V/a/$$1}", "1/b/a/c"), ("${V/a", nil),
            ("${V/a}", nil),
            ("${V//a/b", nil), ("${V#\\x}", nil), ("${V:#a}", nil), ("${E//*/x}", "x"), ("${E///x}", "x"),
            ("${W//l*e/-}", "-\n-"), ("${W##*l}", "e\nle"), ("${U//?/-}", "--"),
            ("${V///-}", "-a-/-b-/-a-/-c-"),
            ("${OTHER#a}", ""),
        ])
    func patterns(word: String, text: String?) {
        let variables = [
            ("V", "a/b/a/c"), ("K", "b"), ("E", ""), ("W", "le\nle"), ("U", "äö"),
        ]
        #expect(expand(word, variables) == text)
    }

    @Test(
        "White space outside quotes parts the result into words",
        arguments: [
            ("a", ["a"]), ("a  b", ["a", "b"]), ("a\\ b", ["a b"]), ("a' 'b", ["a b"]),
            ("$LIST", ["1", "2", "3"]),
            ("x${LIST}y", ["x1", "2", "3y"]), ("x\"$LIST\"", ["x1 2  3"]), ("''", []), ("$X", []),
            ("a\u{2003}b", ["a", "b"]),
        ])
    func words(word: String, words: [String]) throws {
        var expander = WordExpander(
            [UInt8](word), escape: .backslash, variables: Variables([("LIST", "1 2  3")]))
        #expect(try expander.expanded().words == words)
    }

    @Test func `the variables that were asked for are told, set or not, needed or not`() throws {
        var expander = WordExpander(
            [UInt8]("$a ${b:-$c} ${a:+$d} '$e' \\$f ${g#$h}"), escape: .backslash,
            variables: Variables([("a", "1"), ("c", "2"), ("h", "")]))
        _ = try expander.expanded()
        #expect(expander.use.used == ["a", "c", "h"])
        #expect(expander.use.unset == ["b", "d", "g"])
    }

    @Test func `an error tells what the file says`() {
        var expander = WordExpander(
            [UInt8]("${X:?who $N}"), escape: .backslash, variables: Variables([("N", "1")]))
        let failure = #expect(throws: WordExpander.Failure.self) { try expander.expanded() }
        #expect(failure?.reason == "X: who 1")
    }

    @Test func `names of variables are compared by their bytes`() {
        let variables = Variables([("\u{E9}", "one"), ("e\u{301}", "two")])
        #expect(variables["\u{E9}"] == "one" && variables["e\u{301}"] == "two")
    }

    @Test(
        "Nesting and growth are bounded",
        arguments: [
            String(repeating: "${a:-", count: 5_000) + String(repeating: "}", count: 5_000),
            String(repeating: "$BIG", count: 100),
        ])
    func bounded(word: String) {
        #expect(expand(word, [("BIG", String(repeating: "x", count: 1 << 18))]) == nil)
    }

    @Test(.timeLimit(.minutes(30)))
    func `patterns of many stars take no longer than their length times the value's`() {
        let stars = String(repeating: "*a", count: 200)
        let value = String(repeating: "a", count: 20_000)
        #expect(expand("${V%\(stars)b}", [("V", value)]) == value)
        #expect(expand("${V//\(stars)b/x}", [("V", value)]) == value)
        #expect(expand("${V//a/}", [("V", value)]) == "")
        #expect(
            expand(
                "${V//\(stars)\(stars)/x}",
                [("V", value + value + value + value + value + value + value + value + value)]) == nil)
    }
}

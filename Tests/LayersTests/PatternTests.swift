import Linux
import Testing

@testable import Layers

struct PatternTests {
    private func matches(_ pattern: String, _ text: String) throws -> Bool {
        try Pattern(pattern).matches(Array(text.utf8)[...])
    }

    @Test(arguments: [
        ("", ""), ("a", "a"), ("a/b", "a/b"),
        ("*", ""), ("*", "abc"), ("*.pyc", "x.pyc"), ("*.pyc", ".pyc"), ("a*c", "ac"), ("a*c", "abbc"),
        ("a*b*c", "a-b-b-c-c"), ("*a", "aaaa"), ("*/b", "a/b"), ("*/*", "a/b"),
        ("?", "a"), ("a?c", "abc"), ("??", "é"),
        ("**", ""), ("**", "a/b/c"), ("a/**", "a/b/c"), ("a/**/c", "a/b/b/c"), ("**/c", "a/b/c"),
        ("**.o", "a/b/c.o"), ("a**z", "a/b/z"), ("***", "a/b"), ("**/*.c", "a/b.c"),
        ("**/c", "c"), ("a/**/c", "a/c"), ("**/*.c", "b.c"), ("a/**/**/c", "a/c"),
        ("[abc]", "b"), ("[a-c]x", "cx"), ("[!a-c]", "d"), ("[^a-c]", "d"), ("[]]", "]"), ("[!]]", "a"),
        ("[]-a]", "^"), ("[a-]", "-"), ("[-a]", "-"), ("[a-c-e]", "-"), ("[*?]", "*"), ("x[0-9][0-9]", "x42"),
        ("[a-cx-z]", "y"), ("[\\]]", "]"), ("[\\\\]", "\\"),
        ("\\*", "*"), ("\\?", "?"), ("\\[a]", "[a]"), ("\\\\", "\\"), ("a\\b", "ab"),
    ])
    func `a pattern takes what it describes`(pattern: String, text: String) throws {
        #expect(try matches(pattern, text))
    }

    @Test(arguments: [
        ("", "a"), ("a", ""), ("a", "b"), ("a", "ab"), ("a", "ba"), ("A", "a"),
        ("*", "a/b"), ("*.pyc", "a/x.pyc"), ("a*c", "a/c"), ("a*c", "abcd"), ("*/b", "b"), ("*/b", "a/a/b"),
        ("?", ""), ("?", "/"), ("?", "é"), ("a?c", "a/c"),
        ("a/**", "a"), ("a/**", "b/c"), ("**/c", "ac"), ("a/**/c", "abc"), ("a/**/c", "a/bc"),
        ("a**/c", "a/bc"),
        ("[abc]", "d"), ("[!a]", "a"), ("[!a]", "/"), ("[.-0]", "/"), ("[a]", "ab"), ("[!]a]", "]"),
        ("[z-a]", "m"), ("[z-a]", "z"), ("[z-a]x", "]x"), ("\\*", "a"), ("\\a", "\\a"),
    ])
    func `a pattern leaves what it does not describe`(pattern: String, text: String) throws {
        #expect(try !matches(pattern, text))
    }

    @Test(arguments: [
        ("[", "a [ without its ]"), ("[]", "a [ without its ]"), ("[!", "a [ without its ]"),
        ("[!]", "a [ without its ]"), ("[a-", "a [ without its ]"), ("a[b", "a [ without its ]"),
        ("[a\\]", "a [ without its ]"), ("\\", "nothing behind the last backslash"),
        ("a\\", "nothing behind the last backslash"),
    ])
    func `what is no pattern is refused`(pattern: String, reason: String) {
        #expect(throws: LayerError.pattern(escaped(pattern.utf8), reason)) { try Pattern(pattern) }
    }

    @Test func `bytes in no encoding are matched as bytes`() throws {
        #expect(try Pattern("a*b").matches([0x61, 0xFF, 0xFE, 0x0A, 0x62]))
        #expect(try Pattern("a??b").matches([0x61, 0xFF, 0xFE, 0x62]))
    }

    @Test(.timeLimit(.minutes(30)))
    func `ten thousand stars take no longer than pattern times text`() throws {
        let pattern = String(repeating: "*a", count: 10_000)
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 255)
        let start = Machine.ticks
        #expect(try !Pattern(pattern + "b").matches(text[...]))
        #expect(try !Pattern(String(repeating: "**a", count: 10_000) + "b").matches(text[...]))
        #expect(try Pattern(String(repeating: "*", count: 10_000)).matches(text[...]))
        #expect(Machine.ticks - start < 5_000_000_000)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a pattern that nearly matches everywhere takes no longer either`() throws {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 4096)
        let start = Machine.ticks
        #expect(try !Pattern("**a*a**a*a**a*a**a*a**a*b").matches(text[...]))
        #expect(try !Pattern(String(repeating: "*a", count: 30) + "*b").matches(text[...]))
        #expect(Machine.ticks - start < 5_000_000_000)
    }

    /// The rules once more, as briefly and as slowly as they can be said.
    private func describes(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        switch first {
        case UInt8(ascii: "*") where rest.first == first:
            return describes(rest.dropFirst(), text) || !text.isEmpty && describes(pattern, text.dropFirst())
        case UInt8(ascii: "*"):
            return describes(rest, text)
                || text.first.map { $0 != 47 } == true && describes(pattern, text.dropFirst())
        default: return text.first == first && describes(rest, text.dropFirst())
        }
    }

    @Test func `every short pattern agrees with the rules`() throws {
        let alphabet = ["a", "/", "*", "**"]
        var patterns = [""]
        for _ in 0..<4 { patterns += patterns.flatMap { pattern in alphabet.map { pattern + $0 } } }
        var texts = [""]
        for _ in 0..<4 { texts += texts.flatMap { [$0 + "a", $0 + "/"] } }
        // `**/` means "no directory or some", which the brief rules leave out; three stars are two.
        let plain = Set(patterns).filter { !$0.contains("**/") && !$0.contains("***") }
        for pattern in plain {
            let compiled = try Pattern(pattern)
            for text in Set(texts) {
                let expected = describes(Array(pattern.utf8)[...], Array(text.utf8)[...])
                #expect(compiled.matches(Array(text.utf8)[...]) == expected, "\(pattern) on \(text)")
            }
        }
    }
}

import DockerfileSyntax
import Testing

struct GlobTests {
    @Test(
        "A pattern matches the whole path",
        arguments: [
            ("a", "a", true), ("a", "ab", false), ("a", "a/b", false), ("*", "a", true), ("*", "a/b", false),
            ("*", "", true),
            ("a*", "abc", true), ("*c", "abc", true), ("a*c", "abbc", true), ("a*c", "ab/c", false),
            ("?", "a", true),
            ("?", "/", false), ("?", "é", true), ("??", "é", false), ("?", "", false), ("a?c", "a/c", false),
            ("[ab]", "b", true),
            ("[ab]", "c", false), ("[^ab]", "c", true), ("[^ab]", "a", false), ("[a-c]", "b", true),
            ("[c-a]", "b", false),
            ("[а-я]", "ж", true), ("[\\]]", "]", true), ("[\\-a]", "-", true), ("]", "]", true),
            ("a]*", "a]b", true),
            ("\\*", "*", true), ("\\*", "a", false), ("a\\b", "ab", true), ("a.c", "abc", false),
            ("a+(b)|{c}^$", "a+(b)|{c}^$", true),
            ("**", "a/b/c", true), ("**", "a", true), ("a/**", "a", false), ("a/**", "a/b/c", true),
            ("**/a", "a", true),
            ("**/a", "b/c/a", true), ("**/a", "ba", false), ("**a", "ba", true), ("**a", "b/ca", true),
            ("**a*", "ba", false),
            ("**a*", "b/ac", true), ("a/**/b", "a/b", true), ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "a/xb", false),
            ("a**b", "ab", true), ("a**b", "ax/b", true), ("a**b", "axb", false), ("a**", "ab/c", true),
            ("**/*.txt", "a.txt", true),
            ("**/*.txt", "x/y/a.txt", true), ("**/x/**", "a/x/b", true), ("**/x/**", "x", false),
            ("*/*", "a/b", true),
            ("*/*", "a", false), ("a*b*c*d", "abbbccd", true), ("a*b*c*d", "abbbcc", false),
            ("***", "a", true),
        ])
    func matches(pattern: String, path: String, isMatch: Bool) throws {
        #expect(try Glob([UInt8](pattern)).matches([UInt8](path)) == isMatch)
    }

    @Test func `a name that is no UTF-8 is matched byte by byte`() throws {
        #expect(try Glob([0x61, 0xFF, 0x2A]).matches([0x61, 0xFF, 0xFE]))
        #expect(try !Glob([0x61, 0xFF]).matches([0x61, 0xFE]))
        #expect(try Glob([UInt8]("?")).matches([0xFF]) && !Glob([UInt8]("?")).matches([0xFF, 0xFE]))
        #expect(try Glob([UInt8]("*.c")).matches([0xE2, 0x82, 0x2E, 0x63]))
        #expect(try !Glob([UInt8]("[é]")).matches([0xC3]))
    }

    @Test(
        "A pattern that is left open is refused",
        arguments: [
            ("[", "a [ that no ] closes"), ("[^", "a [ that no ] closes"), ("a[b", "a [ that no ] closes"),
            ("[a-", "a [ that no ] closes"),
            ("\\", "it ends with \\"), ("a*\\", "it ends with \\"),
            ("[]a]", "in a set \\ stands before a - or ] that means itself"),
            ("[-a]", "in a set \\ stands before a - or ] that means itself"),
            ("[a-]", "in a set \\ stands before a - or ] that means itself"),
            ("[a-b-c]", "in a set \\ stands before a - or ] that means itself"),
            ("[\\", "a [ that no ] closes"),
        ])
    func refuses(pattern: String, reason: String) {
        let error = #expect(throws: PatternError.self) { try Glob([UInt8](pattern)) }
        #expect(error?.reason == reason)
    }

    @Test(
        "The directory that all matches lie in",
        arguments: [
            ("a/b*", "a"), ("a/b/*/c", "a/b"), ("*", ""), ("**/a", ""), ("a/b", "a/b"), ("/a*", ""),
            ("a[b]", ""),
        ])
    func directory(pattern: String, directory: String) throws {
        #expect(try Glob([UInt8](pattern)).directory == [UInt8](directory))
    }

    @Test(
        "Whether something below a directory may match",
        arguments: [
            ("a/b", "a", true), ("a/b", "a/b", false), ("a/b", "b", false), ("a/b", "", true),
            ("a", "a", false), ("**/x", "q/r", true),
            ("a/*", "a", true), ("a/*", "a/b", false), ("a/*/c", "a/b", true), ("a/*/c", "a/b/c", false),
            ("ab*", "ab", false),
            ("a/**", "a/b/c", true), ("b/**", "a", false), ("a*/b", "ax", true), ("a?/[b]/c", "ax/b", true),
            ("a?/[b]/c", "ax/c", false),
        ])
    func below(pattern: String, directory: String, mayMatch: Bool) throws {
        #expect(try Glob([UInt8](pattern)).mayMatch(below: [UInt8](directory)) == mayMatch)
    }

    @Test func `a pattern of more than 64 places matches as others do`() throws {
        let name = String(repeating: "ab", count: 100)
        let pattern = try Glob([UInt8]("*" + name + "?[c]" + "**/" + name))
        #expect(pattern.matches([UInt8](name + name + "xc" + "/y/" + name)))
        #expect(pattern.matches([UInt8]("z" + name + "xc" + name)))
        #expect(!pattern.matches([UInt8](name + "xc" + "y" + name)))
    }

    @Test(.timeLimit(.minutes(30)))
    func `stars do not make matching slow`() throws {
        let path = [UInt8](String(repeating: "a/", count: 2_000) + "c")
        for part in ["*a", "**/a", "a**", "?*"] {
            #expect(try !Glob([UInt8](String(repeating: part, count: 200) + "b")).matches(path))
        }
    }
}

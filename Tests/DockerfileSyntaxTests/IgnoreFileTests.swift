import DockerfileSyntax
import Testing

struct IgnoreFileTests {
    @Test(
        "The last pattern that matches a path or its directory decides",
        arguments: [
            (["a"], "a", true), (["a"], "a/b/c", true), (["a"], "b/a", false), (["**/a"], "b/a/c", true),
            (["a*"], "ab/c", true),
            (["a/*"], "a/b/c", true), (["a/b"], "a", false), (["*"], "a/b", true),
            (["*", "!a"], "a/b", false), (["!a", "*"], "a", true),
            (["*.md", "!README.md"], "README.md", false), (["docs", "!docs/a"], "docs/a", false),
            (["docs", "!docs/a"], "docs/b", true),
            (["docs", "!docs/a", "docs/a/b"], "docs/a/b", true),
            (["docs", "!docs/a", "docs/a/b"], "docs/a/c", false),
            (["**", "!a/b"], "a/b/c", false), (["**", "!a/b"], "a", true), (["/a"], "a", true),
            (["./a/../b/"], "b", true),
            (["../a"], "a", false), (["/.."], "a", false), (["."], "a", false), ([" a \t"], "a", true),
            (["! a", "a"], "a", true),
            (["a", "! a "], "a", false), (["#a"], "#a", false), ([" #a"], "#a", true), (["\\#a"], "#a", true),
            (["a b"], "a b", true),
            (["a//b"], "a/b", true), (["*/temp*"], "x/temporary/y", true), (["*/*/temp*"], "x/temp", false),
            (["temp?"], "tempa", true),
            (["*"], ".", false), (["*"], "", false), (["a"], "a/", true),
            (["a/**", "!a/**/k"], "a/b/k", false), (["a/**"], "a", false),
        ])
    func excludes(patterns: [String], path: String, isExcluded: Bool) throws {
        let file = try IgnoreFile(parsing: [UInt8](patterns.joined(separator: "\n")))
        #expect(file.isExcluded([UInt8](path)) == isExcluded)
    }

    @Test func `a file has comments, empty lines, a byte order mark, and lines that end in any way`() throws {
        let file = try IgnoreFile(parsing: [UInt8]("\u{FEFF}a\r\n# b\r\n\r\n  \nc\r\n!c/d"))
        let excluded = ["a", "# b", "b", "c", "c/d", "d"].filter { file.isExcluded([UInt8]($0)) }
        #expect(excluded == ["a", "c"])
        #expect(try IgnoreFile(parsing: []).isEmpty && IgnoreFile(parsing: [UInt8]("#\n")).isEmpty)
    }

    @Test(
        "A directory need not be entered where nothing in it can be taken in again",
        arguments: [
            (["a"], "a", true), (["a"], "a/b", true), (["a"], "b", false), (["a", "!a/b"], "a", false),
            (["a", "!a/b"], "a/c", true),
            (["a", "!b"], "a", true), (["a", "!**/b"], "a", false), (["!a/b", "a"], "a", true),
            (["*", "!*.md"], "a", true),
            (["*", "!*/k"], "a", false), (["*", "!*/k"], "a/b", true), (["a/**"], "a", false),
            (["a/**"], "a/b", true),
            (["a", "!a/b/c", "a/b"], "a/b", true), (["a", "!a"], "a", false), (["a", "!ab"], "a", true),
        ])
    func wholly(patterns: [String], directory: String, isWhollyExcluded: Bool) throws {
        let file = try IgnoreFile(parsing: [UInt8](patterns.joined(separator: "\n")))
        #expect(file.isWhollyExcluded([UInt8](directory)) == isWhollyExcluded)
    }

    @Test(
        "A line that is no pattern is refused with its number",
        arguments: [
            ("a\n!", 2, "a ! without a pattern"), ("\n\n ! ", 3, "a ! without a pattern"),
            ("a\nb[", 2, "a [ that no ] closes"),
            ("a\\", 1, "it ends with \\"),
        ])
    func refuses(text: String, line: Int, reason: String) {
        let error = #expect(throws: SyntaxError.self) { try IgnoreFile(parsing: [UInt8](text)) }
        #expect(error?.position.line == line && error?.reason == reason)
    }

    @Test func `names need not be UTF-8, and a file may not be UTF-16`() throws {
        let file = try IgnoreFile(parsing: [0xFF, 0x0A, 0x2A, 0x2E, 0xE9])
        #expect(file.isExcluded([0xFF]) && file.isExcluded([0x61, 0x2E, 0xE9]) && !file.isExcluded([0xFE]))
        #expect(throws: SyntaxError.self) { try IgnoreFile(parsing: [0xFF, 0xFE, 0x61, 0x00]) }
    }

    @Test func `patterns of a flag are as those of a file, and # is no comment`() throws {
        let file = try IgnoreFile(patterns: ["*.md", "!a.md", "#x"].map { [UInt8]($0) })
        let excluded = ["b.md", "a.md", "#x"].filter { file.isExcluded([UInt8]($0)) }
        #expect(excluded == ["b.md", "#x"])
    }

    @Test func `size, number and length of patterns are bounded`() {
        let refused = [
            String(repeating: "a\n", count: IgnoreFile.patternLimit + 1),
            String(repeating: "a", count: 4_097),
            String(repeating: "#", count: IgnoreFile.limit + 1),
        ]
        for text in refused { #expect(throws: SyntaxError.self) { try IgnoreFile(parsing: [UInt8](text)) } }
    }
}

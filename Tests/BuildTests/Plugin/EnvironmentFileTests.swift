import Testing

@testable import Build

@Suite struct EnvironmentFileTests {
    private func variables(_ text: String, _ environment: [String: String] = [:]) throws -> [String: String] {
        let file = try EnvironmentFile(parsing: Array(text.utf8)) { environment[$0].map { Array($0.utf8) } }
        return Dictionary(
            file.variables.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) },
            uniquingKeysWith: { _, _ in "twice" })
    }

    @Test(
        "a line is a variable",
        arguments: [
            ("A=b", "b"), ("A = b ", "b"), ("export A=b", "b"), ("export\tA=b\r\n", "b"), ("A: b", "b"),
            ("A=", ""), ("A=\n", ""), ("\n\n# c\n---\nA=b", "b"), ("A=b # c", "b"), ("A=b#c", "b#c"),
            ("A=# c", "# c"), ("A='b # c' # d", "b # c"), ("A=\"b # c\"", "b # c"), ("A='$B\\n'", "$B\\n"),
            ("A=\"b\\nc\\r\\\"\\\\\\$D\"", "b\nc\r\"\\$D"), ("A=\"b\nc\"\nD=e", "b\nc"), ("A=b=c", "b=c"),
            ("B=x\nA=$B-${B}y", "x-xy"), ("A=$HOME/$NONE.", "/home/me/."), ("A=pa$word$", "pa$word$"),
            ("A=${b", "${b"), ("A=${HOME", "${HOME"), ("A=\"$HOME\"", "/home/me"), ("A=1\nA=2", "2"),
            ("A='b'\n", "b"), ("A=it's", "it's"), ("A=b \"c\"", "b \"c\""), ("export=1\nA=2", "2"),
        ])
    func lines(text: String, expected: String) throws {
        #expect(try variables(text, ["HOME": "/home/me", "B": "of the environment"])["A"] == expected)
    }

    @Test(
        "what is no variable is told by its line, and not repeated",
        arguments: [
            ("A=b\nhunter2", 2), ("=hunter2", 1), ("hunter2 a=b", 1), ("A=\"hunter2\n\n", 1),
            ("A='hunter2", 1), ("A=\"b\" hunter2", 1), ("\nA=hunter2\0", 2), ("A-B=hunter2", 1),
            ("export", 1),
        ])
    func mistakes(text: String, line: Int) throws {
        let error = #expect(throws: PluginError.self) { try variables(text) }
        let words = "\(try #require(error))"
        #expect(words.hasPrefix("PLUGIN_ENV_FILE: line \(line) "), "\(words)")
        #expect(!words.contains("hunter2"))
    }

    @Test func `lines that double each other, and too many of them, are refused`() throws {
        let doubling = "A=xxxxxxxx\n" + (0..<40).map { _ in "A=$A$A\n" }.joined()
        let long = #expect(throws: PluginError.self) { try variables(doubling) }
        #expect(long?.description == "PLUGIN_ENV_FILE: line 16 has a value of more than 131072 bytes")
        let many = #expect(throws: PluginError.self) {
            try variables((0...1000).map { "A\($0)=1\n" }.joined())
        }
        #expect(
            many?.description == "PLUGIN_ENV_FILE: line 1001 is one too many: there may be 1000 variables")
    }

    @Test func `a file without variables has none`() throws {
        for text in ["", "\n", "#", "# a\n# b", " \t\r\n"] { #expect(try variables(text).isEmpty) }
    }
}

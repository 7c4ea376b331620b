import Tar
import Testing

struct TreeSpecificationTests {
    @Test(
        "what is not supported is refused, on one line or on several",
        arguments: [
            ("a type=file contents=b", "line 1: contents="),
            ("a type=file con\\\ntents=b", "line 1: contents="),
            ("a\nb \\\n con\\\ntent=b", "line 2: contents="), ("/un\\\nset uid", "line 1: /unset"),
            ("a \\\n type=file\n/unset uid", "line 3: /unset"), ("# x \\\na contents=b", "line 1: contents="),
            ("a\u{0} type=file", "line 1: a NUL"), ("# a\u{0}\nb type=file", "line 1: a NUL"),
        ])
    func refusal(text: String, reason: String) throws {
        let error = #expect(throws: TarError.self) { try TreeSpecification(parsing: Array(text.utf8)) }
        #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func `a line may go on behind a backslash`() throws {
        let text = "a \\\n type=file \\\n mode=0640\nb type=dir\n"
        let entries = try TreeSpecification(parsing: Array(text.utf8)).entries
        #expect(entries.map(\.path) == [Array("a".utf8), Array("b".utf8)])
        #expect(entries.first?.permissions == 0o640)
    }

    @Test("a file may be called like a keyword", arguments: ["content", "contents"])
    func keyword(name: String) throws {
        let entries = try TreeSpecification(parsing: Array("\(name) type=file\n".utf8)).entries
        #expect(entries.map(\.path) == [Array(name.utf8)])
        #expect(entries.map(\.kind) == [.file])
    }

    @Test("a keyword without its value is refused", arguments: ["content", "contents"])
    func valueless(name: String) {
        #expect(throws: TarError.self) {
            try TreeSpecification(parsing: Array("a type=file \(name)\n".utf8))
        }
    }
}

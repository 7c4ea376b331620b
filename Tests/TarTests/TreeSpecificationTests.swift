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

    @Test(
        "a number that is none is refused",
        arguments: [
            "uid=root", "uid=1000x", "uid=-2", "uid=010", "uid=4294967295", "gid=0x10", "gid=",
            "mode=0177777",
            "mode=u+s", "mode=", "mode=0888", "time=yesterday", "time=1.5.5", "time=-",
            "time=9223372036854775808",
            "device=linux,1", "device=linux,a,3", "device=native,4294967296,1", "device=1x",
        ])
    func wrongNumber(word: String) {
        for text in ["a type=char \(word)", "/set \(word)\na type=char"] {
            let error = #expect(throws: TarError.self, "\(text)") {
                try TreeSpecification(parsing: Array(text.utf8))
            }
            #expect(error?.reason.contains(word) == true, "\(text): \(String(describing: error))")
        }
    }

    @Test(arguments: [("uid=0 gid=4294967294 mode=0007 time=-5.250000000", 5)])
    func `numbers at their ends are taken`(words: String, seconds: Int64) throws {
        let entry = try #require(TreeSpecification(parsing: Array("a type=file \(words)".utf8)).entries.first)
        #expect((entry.user, entry.group, entry.permissions) == (0, 4_294_967_294, 7))
        #expect(entry.modified == -seconds)
    }

    @Test(
        "a device's numbers come back",
        arguments: [(1, 3), (259, 70_000), (4095, 1_048_575)] as [(UInt32, UInt32)])
    func device(major: UInt32, minor: UInt32) throws {
        let text = "a type=block device=native,\(major),\(minor)"
        let entry = try #require(TreeSpecification(parsing: Array(text.utf8)).entries.first)
        #expect(entry.kind == .blockDevice(major: major, minor: minor))
    }

    @Test(
        "an attribute's comment is refused",
        arguments: [
            ("./a 61=62\n#varve xattr ./a 61=63", "again"), ("./b 61=62", "no line"),
            ("./a 6=62", "no attribute"),
            ("./a 61", "no attribute"), ("./a =62", "no attribute"),
        ])
    func attribute(comment: String, words: String) {
        let text = "./a type=file\n#varve xattr \(comment)\n"
        let error = #expect(throws: TarError.self) { try TreeSpecification(parsing: Array(text.utf8)) }
        #expect(error?.reason.contains(words) == true, "\(String(describing: error))")
    }
}

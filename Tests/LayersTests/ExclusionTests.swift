import Testing

@testable import Layers

struct ExclusionTests {
    private func excludes(_ pattern: String, _ path: String) throws -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return try Exclusion([pattern]).excludes(path: Array(path.utf8), name: Array(name.utf8)[...])
    }

    @Test(arguments: [
        ("tmp", "tmp"), ("tmp", "var/tmp"), ("*.pyc", "a/b/x.pyc"), (".git/", "src/.git"), ("/tmp", "tmp"),
        ("/tmp/", "tmp"), ("var/tmp", "var/tmp"), ("/var/*", "var/log"), ("var/**/x", "var/a/b/x"),
        ("**/x.o", "a/b/x.o"), ("**/x.o", "x.o"), ("./tmp", "tmp"), ("./var/tmp", "var/tmp"),
    ])
    func `an entry that a pattern means stays out`(pattern: String, path: String) throws {
        #expect(try excludes(pattern, path))
    }

    @Test(arguments: [
        ("tmp", "tmpfile"), ("/tmp", "var/tmp"), ("var/tmp", "tmp"), ("var/tmp", "a/var/tmp"),
        ("/var/*", "var/log/x"), ("*.pyc", "x.pyc.txt"), ("./tmp", "var/tmp"),
    ])
    func `an entry that no pattern means stays in`(pattern: String, path: String) throws {
        #expect(try !excludes(pattern, path))
    }

    @Test(arguments: ["", "/", "./", ".", "//"])
    func `a pattern that names nothing is refused`(pattern: String) {
        #expect(throws: LayerError.pattern(pattern, "it names nothing")) { try Exclusion([pattern]) }
    }

    @Test func `without patterns everything stays in`() throws {
        #expect(try !Exclusion().excludes(path: Array("a".utf8), name: Array("a".utf8)[...]))
    }
}

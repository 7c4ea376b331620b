import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Layers

struct CopyMatchingTests {
    /// A pattern's directory, and what it matches there, as Layers is told by its caller.
    private func matches(_ start: String, _ pattern: String, _ files: [String]) throws -> [String] {
        let tree = try ContextTree(files)
        let pattern = try Pattern((start.isEmpty ? "" : start + "/") + pattern)
        return try tree.source.paths(
            below: Array(start.utf8), where: { pattern.matches($0[...]) },
            mayMatch: { !$0.elementsEqual("closed".utf8) },
            { path, _, isDirectory in
                let name = path.split(separator: 47).last ?? []
                if name.elementsEqual("left".utf8) { return .leftOut }
                return name.elementsEqual("way".utf8) ? .keptForContent : .kept
            }
        ).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        arguments: [
            ("", "*", ["b: 1", "a: 1", "d/c: 1"], ["a", "b", "d"]),
            ("", "*.c", ["b.c: 1", "a.h: 1", "d/c.c: 1"], ["b.c"]),
            ("", "*/c", ["d/c: 1", "e/c: 1", "f: 1"], ["d/c", "e/c"]),
            ("d", "*", ["d/b: 1", "d/a: 1", "a: 1"], ["d/a", "d/b"]),
            ("d/..", "*", ["d/b: 1"], ["d/../d"]),
            ("", "**/c", ["c: 1", "d/c: 1", "d/e/c: 1"], ["c", "d/c", "d/e/c"]),
            // What a directory holds comes along with it.
            ("", "**/c", ["c/c: 1", "d/c/c: 1"], ["c", "d/c"]),
            ("", "a?", ["a/z: 1", "ab: 1", "a.: 1"], ["a.", "ab"]),
            // The directory in front is followed, the names below are not.
            ("l", "*", ["d/a: 1", "l -> d"], ["l/a"]),
            ("l/m", "*", ["d/e/a: 1", "l -> /d", "d/m -> e"], ["l/m/a"]),
            ("", "*/a", ["d/a: 1", "l -> d"], ["d/a"]), ("", "*", ["d/a: 1", "l -> d"], ["d", "l"]),
            ("", "left", ["left: 1"], []), ("", "*/*", ["left/a: 1", "d/left: 1", "d/a: 1"], ["d/a"]),
            ("", "way", ["way: 1"], []), ("", "*", ["way/a: 1"], ["way"]),
            ("", "*/a", ["way/a: 1"], ["way/a"]),
            ("", "*/a", ["closed/a: 1", "open/a: 1"], ["open/a"]),
            ("f", "*", ["f: 1"], []), ("", "q*", ["a: 1"], []),
        ] as [(String, String, [String], [String])])
    func `a pattern means`(start: String, pattern: String, files: [String], expected: [String]) throws {
        #expect(try matches(start, pattern, files) == expected)
    }

    @Test func `a pattern in a directory that is not there is refused`() throws {
        #expect(throws: LayerError.source("none", "there is no such file")) { try matches("none", "*", []) }
    }
}

import DockerfileSyntax
import Layers
import Testing

@testable import Build

@Suite struct CopyFilterTests {
    private func filter(
        ignoring: String = "", excluding: [String] = [], wanted: String? = nil
    ) throws -> CopyFilter {
        var filter = CopyFilter()
        filter.ignored = try IgnoreFile(parsing: Array(ignoring.utf8))
        filter.excluded = try IgnoreFile(patterns: excluding.map { Array($0.utf8) })
        filter.wanted = try wanted.map { try Glob(Array($0.utf8)) }
        return filter
    }

    private func verdict(
        _ filter: CopyFilter, _ path: String, below: String, isDirectory: Bool
    ) -> CopyRules.Verdict {
        filter.decision()(Array(path.utf8), Array(below.utf8), isDirectory)
    }

    @Test(
        "an ignored directory is entered for what is taken in again",
        arguments: [
            ("a.md", false, CopyRules.Verdict.leftOut), ("docs", true, .keptForContent),
            ("docs/x", false, .leftOut), ("docs/keep", false, .kept), ("b", false, .kept),
            ("gone", true, .leftOut), ("gone/x", false, .leftOut),
        ])
    func ignored(path: String, isDirectory: Bool, expected: CopyRules.Verdict) throws {
        let filter = try filter(ignoring: "*.md\ndocs\n!docs/keep\ngone\n")
        #expect(verdict(filter, path, below: path, isDirectory: isDirectory) == expected)
    }

    @Test(
        "--exclude is about names below a source, and about a file that is one",
        arguments: [
            ("src", "", true, CopyRules.Verdict.kept), ("src/a.txt", "a.txt", false, .leftOut),
            ("src/b.c", "b.c", false, .kept), ("x.txt", "", false, .leftOut), ("x.c", "", false, .kept),
        ])
    func excluded(path: String, below: String, isDirectory: Bool, expected: CopyRules.Verdict) throws {
        let filter = try filter(excluding: ["*.txt"])
        #expect(verdict(filter, path, below: below, isDirectory: isDirectory) == expected)
    }

    @Test(
        "--parents enters what may lead to a match, and takes what matches with all that is in it",
        arguments: [
            ("", true, CopyRules.Verdict.keptForContent), ("a", true, .keptForContent), ("a/b", true, .kept),
            ("a/b/c", false, .kept), ("a/x", true, .leftOut), ("z", true, .leftOut), ("a/f", false, .leftOut),
        ])
    func wanted(below: String, isDirectory: Bool, expected: CopyRules.Verdict) throws {
        let filter = try filter(wanted: "a/b")
        #expect(verdict(filter, below, below: below, isDirectory: isDirectory) == expected)
    }
}

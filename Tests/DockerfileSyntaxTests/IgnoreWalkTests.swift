import Testing

@testable import DockerfileSyntax

struct IgnoreWalkTests {
    @Test(arguments: [
        ["a"], ["**/a"], ["*.c", "!b.c"], ["d", "!d/e", "d/e/f.c"], ["**", "!d/e"], ["*/a", "!**/a/b"],
        ["d/*"], ["."], ["**/f*"], ["**f*", "!**/d/f*"], ["**/d[^a]f.c"], ["**/d[.-/]f.c"],
        ["**/\u{E4}*", "**/a?*"],
        ["**/a/**"], ["**/d?", "**/d?f.c", "**/d**.c"], ["**/\\d*", "!d/**/f*"], ["x/**/f*", "**/**/b*"],
        ["**/*.c", "!d/**"], ["d/e", "!d", "**/f*"], ["ä*", "!**/*ß"], ["[a-d]", "!*/?"],
        ["a" + String(repeating: "?*", count: 40), "**/" + String(repeating: "*f", count: 40)],
    ])
    func `a walk says of each path what the file says`(patterns: [String]) throws {
        let file = try IgnoreFile(patterns: patterns.map { Array($0.utf8) })
        var walk = file.walk()
        let names = ["a", "b.c", "d", "e", "f.c", "ä", "äß", "\u{FFFD}"]
        var paths = names + names.flatMap { name in names.map { "\(name)/\($0)" } }
        paths += names.flatMap { name in names.flatMap { ["\(name)/e/\($0)", "\(name)/a/b/\($0)"] } }
        for path in paths + paths.reversed() + ["", ".", "d/", "/", "d/e/", "a"] {
            #expect(walk.isExcluded(Array(path.utf8)) == file.isExcluded(Array(path.utf8)), "\(path)")
        }
    }
}

import Testing

@testable import Build

@Suite struct PathTextTests {
    @Test(
        "a destination begins at the working directory, and keeps what says that it is a directory",
        arguments: [
            ("a", "/w", "/w/a"), ("/a", "/w", "/a"), ("a/", "/w", "/w/a/"), (".", "/w", "/w/./"),
            ("", "/w", "/w/./"), ("./", "/w", "/w/./"), ("..", "/w", "/w/.."), ("/", "/w", "/"),
        ])
    func absolute(path: String, directory: String, expected: String) {
        #expect(String(decoding: PathText.absolute(path, in: directory), as: UTF8.self) == expected)
    }

    @Test(
        "a source has no way out of its root",
        arguments: [
            ("", ""), ("/", ""), (".", ""), ("a//b/", "a/b"), ("./a/./b", "a/b"), ("../../etc", "etc"),
            ("a/../../b", "b"), ("/a/..", ""), ("a/b/..", "a"),
        ])
    func normalized(path: String, expected: String) {
        #expect(String(decoding: PathText.normalized(Array(path.utf8)), as: UTF8.self) == expected)
    }
}

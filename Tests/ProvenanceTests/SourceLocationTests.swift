import OCI
import Provenance
import Testing

private let sha1 = "4b220de5058abfd01ff619c9d2ff6b09a049bea0"
private let sha256 = String(repeating: "0f", count: 32)

struct SourceLocationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let repository: String
        let ref: String?
        let subpath: String?
        let uri: String?
        var testDescription: String { text }

        init(_ text: String, _ repository: String, _ ref: String?, _ subpath: String?, _ uri: String?) {
            (self.text, self.repository, self.ref, self.subpath, self.uri) = (
                text, repository, ref, subpath, uri
            )
        }
    }

    static let rows = [
        Row(
            "git+https://github.com/ORG/REPO@refs/heads/main", "https://github.com/ORG/REPO",
            "refs/heads/main", nil,
            "git+https://github.com/ORG/REPO@refs/heads/main"),
        Row(
            "git+https://u:p@GitHub.com/ORG/REPO.git@refs/tags/v1#sub/dir", "https://github.com/ORG/REPO",
            "refs/tags/v1", "sub/dir", "git+https://github.com/ORG/REPO@refs/tags/v1#sub/dir"),
        Row("https://h/o/r.git", "https://h/o/r", nil, nil, "git+https://h/o/r"),
        Row("HTTPS://h/o/r/", "https://h/o/r", nil, nil, "git+https://h/o/r"),
        Row("git+ssh://git@h:2222/o/r@v1", "ssh://h:2222/o/r", "v1", nil, "git+ssh://h:2222/o/r@v1"),
        Row("git+https://[::1]:80/r@a", "https://[::1]:80/r", "a", nil, "git+https://[::1]:80/r@a"),
        Row("git@h:o/r.git@v1", "git@h:o/r", "v1", nil, "git+ssh://h/o/r@v1"),
        Row("git+git@h:/o/r#s", "git@h:/o/r", nil, "s", "git+ssh://h/o/r#s"),
        Row(
            "git+https://h/r@refs/tags/@scope/pkg@1.2", "https://h/r", "refs/tags/@scope/pkg@1.2", nil,
            "git+https://h/r@refs/tags/@scope/pkg@1.2"),
        Row("git+https://h/r@a%23b", "https://h/r", "a#b", nil, "git+https://h/r@a%23b"),
        Row("https://h/r@é", "https://h/r", "é", nil, "git+https://h/r@%C3%A9"),
        Row("https://h/a.git/b#", "https://h/a.git/b", nil, nil, "git+https://h/a.git/b"),
        Row("git+file:///srv/r.git", "file:///srv/r", nil, nil, "git+file:///srv/r"),
        Row("/srv/my src@1", "/srv/my src@1", nil, nil, "file:///srv/my%20src%401"),
        Row(".", ".", nil, nil, nil),
        Row("src/a.git", "src/a.git", nil, nil, nil),
    ]

    @Test("A location is taken apart, and put together as a URI", arguments: rows)
    func parses(row: Row) throws {
        let source = try SourceLocation(parsing: row.text)
        #expect(source.repositoryURL == row.repository)
        #expect(source.ref == row.ref)
        #expect(source.subpath == row.subpath)
        #expect(try source.dependency()?.uri == row.uri)
    }

    @Test(
        "A text that names no repository is refused, and no password is repeated",
        arguments: [
            "", "https://", "https://h", "https:///o/r", "https://h/", "https://h/.git@", "https://h/r@",
            "ftp://h/r", "svn+https://h/r", "https://h/r?x=1", "https://h/a b", "https://u:secret@h",
            "https://a b/r",
            "https://h:x/r", "git@h:", "https://h/r\n",
        ])
    func refuses(text: String) {
        let error = #expect(throws: ProvenanceError.self) { try SourceLocation(parsing: text) }
        guard case .malformedSource = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description.contains("secret") == false)
        #expect(error?.description.contains("\n") == false)
    }

    @Test(
        "Only a full ref says what it is",
        arguments: [
            ("refs/heads/feature/x", CodeMetadata(repositoryURL: "https://h/r", branch: "feature/x")),
            ("refs/tags/v1", CodeMetadata(repositoryURL: "https://h/r", tag: "v1")),
            ("refs/pull/7/merge", CodeMetadata(repositoryURL: "https://h/r", prNumber: "7")),
            ("refs/merge-requests/8/head", CodeMetadata(repositoryURL: "https://h/r", prNumber: "8")),
            ("refs/pull/x/merge", CodeMetadata(repositoryURL: "https://h/r")),
            ("main", CodeMetadata(repositoryURL: "https://h/r")),
            (sha1.uppercased(), CodeMetadata(repositoryURL: "https://h/r", commitSha: sha1)),
            (sha256, CodeMetadata(repositoryURL: "https://h/r", commitSha: sha256)),
            ("4b220de", CodeMetadata(repositoryURL: "https://h/r")),
        ])
    func codeMetadata(ref: String, expected: CodeMetadata) throws {
        #expect(try SourceLocation(parsing: "git+https://h/r@\(ref)").codeMetadata == expected)
    }

    @Test("A commit becomes the digest", arguments: [sha1, sha256])
    func commit(hex: String) throws {
        let source = try SourceLocation(parsing: "https://h/r@refs/heads/main")
        let expected = ResourceDescriptor(uri: "git+https://h/r@refs/heads/main", digest: ["gitCommit": hex])
        #expect(try source.dependency(commit: hex) == expected)
        #expect(try SourceLocation(parsing: "https://h/r@\(hex)").dependency()?.digest == ["gitCommit": hex])
        let relative = ResourceDescriptor(name: "src", digest: ["gitCommit": hex])
        #expect(try SourceLocation(parsing: "src").dependency(commit: hex) == relative)
    }

    @Test(
        "A commit that is none is refused",
        arguments: ["", "main", "4b220de", sha1 + "0", "é" + sha1.dropFirst(2)])
    func malformedCommit(text: String) throws {
        let source = try SourceLocation(parsing: "https://h/r")
        #expect(throws: ProvenanceError.malformedCommit(text)) { try source.dependency(commit: text) }
    }
}

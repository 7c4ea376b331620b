import Cryptography
import Linux
import Provenance
import Registry
import SystemPackage
import TestSupport
import Testing

@testable import Build

struct ContextPlaceTests {
    private static func kind(_ place: ContextPlace) -> String {
        switch place {
        case .path: "path"
        case .directory: "directory"
        case .archive: "archive"
        case .standardInput(let mayBeDockerfile): mayBeDockerfile ? "input" : "tar input"
        case .git: "git"
        case .remote: "remote"
        case .object: "object"
        case .image: "image"
        }
    }

    @Test(arguments: [
        (".", "path", "."), ("/a/b", "path", "/a/b"), ("a@b/c:d", "path", "a@b/c:d"),
        ("ctx.tar.gz", "path", "ctx.tar.gz"), ("./git@host:x", "path", "./git@host:x"),
        ("dir:///a", "directory", "/a"), ("dir://a", "directory", "a"),
        ("tar://ctx.tar.gz", "archive", "ctx.tar.gz"), ("tar:///a.tar", "archive", "/a.tar"),
        ("-", "input", "standard input"), ("tar://stdin", "tar input", "standard input"),
        ("https://example.com/ctx.tar.gz", "remote", "https://example.com/ctx.tar.gz"),
        ("http://example.com/x", "remote", "http://example.com/x"),
        ("https://u:pass@example.com/x?sig=pass", "remote", "https://example.com/x"),
        ("s3://bucket/a/ctx.tar.gz", "object", "s3://bucket/a/ctx.tar.gz"),
        ("gs://bucket/ctx.tar", "object", "gs://bucket/ctx.tar"),
        ("https://a.blob.core.windows.net/c/x", "remote", "https://a.blob.core.windows.net/c/x"),
        ("https://example.com/a/b.git", "git", "https://example.com/a/b.git"),
        ("https://example.com/a/b.git#v1:sub/./dir", "git", "https://example.com/a/b.git#v1:sub/dir"),
        ("https://u:pass@example.com/b.git#:sub", "git", "https://example.com/b.git#:sub"),
        ("git+https://example.com/a", "git", "https://example.com/a"),
        ("git+http://example.com:8080/a#main", "git", "http://example.com:8080/a#main"),
        ("git+ssh://git@example.com:22/a", "git", "ssh://git@example.com:22/a"),
        ("git+file:///a/b#x", "git", "file:///a/b#x"),
        ("git://example.com/a/b", "git", "git://example.com/a/b"),
        ("ssh://git@example.com/a", "git", "ssh://git@example.com/a"),
        ("git@example.com:a/b.git#refs/heads/x", "git", "git@example.com:a/b.git#refs/heads/x"),
        ("docker-image://alpine:3", "image", "docker.io/library/alpine:3"),
        ("docker://example.com/a:1", "image", "example.com/a:1"),
        ("oci:dir:tag", "image", "oci:dir:tag"), ("oci-layout://dir:tag", "image", "oci:dir:tag"),
        ("oci-archive:a.tar", "image", "oci-archive:a.tar"),
    ])
    func `a place is told by its form, and shown without logins`(
        text: String, kind: String, shown: String
    ) throws {
        let place = try ContextPlace(parsing: Array(text.utf8))
        #expect(Self.kind(place) == kind)
        #expect("\(place)" == shown)
    }

    @Test(arguments: [
        ("", "give a directory"), ("a\0b", "give a directory"), ("dir://", "a path follows"),
        ("tar://", "a path follows"), ("s3://bucket", "names no object"), ("gs:///x", "names no object"),
        ("ftp://example.com/x", "ftp:// is none of"), ("git+ext://x", "git goes by"),
        ("https://u:secret@exa mple.com/x", "a space"), ("git+https://u:secret@-/", "no repository"),
        ("https://example.com/a.git#-x", "no name of a branch"),
        ("https://example.com/a.git#--upload-pack=x", "no name of a branch"),
        ("https://example.com/a.git#+a", "no name of a branch"),
        ("https://example.com/a.git#a..b", "no name of a branch"),
        ("https://example.com/a.git#a b", "no name of a branch"),
        ("https://example.com/a.git#a/.b", "no name of a branch"),
        ("https://example.com/a.git#a.lock", "no name of a branch"),
        ("https://example.com/a.git#x@{1}", "no name of a branch"),
        ("https://example.com/a.git#a#b", "stands a commit"),
        ("https://example.com/a.git#a:../b", "has no .."),
        ("git+https://example.com/a?x=1", "has no query"),
        ("ssh://-oProxyCommand=x/a", "begins with -"), ("ssh://git:secret@example.com/a", "no password"),
        ("git@example.com:-x", "write user@host:path"), ("git@-x:a", "begins with -"),
        ("git+file://host/x", "absolute path"), ("git://user@example.com/x", "no user's name"),
    ])
    func `a place that is none is refused, and no secret repeated`(text: String, reason: String) throws {
        let error = #expect(throws: BuildError.self) { try ContextPlace(parsing: Array(text.utf8)) }
        guard case .usage("context", let told) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(told.contains(reason))
        #expect(!told.contains("secret"))
    }

    @Test(arguments: ["https://u:secret%0Ax@example.com/x", "https://u%00:secret@example.com/x.git"])
    func `a login that would begin a line of its own is refused`(text: String) {
        let error = #expect(throws: BuildError.self) { try ContextPlace(parsing: Array(text.utf8)) }
        #expect(error == .usage("URL", "a login holds no control characters"))
    }

    @Test func `a path keeps bytes that are no UTF-8`() throws {
        guard case .path(let path) = try ContextPlace(parsing: [0x66, 0xE9]) else {
            Issue.record("no path")
            return
        }
        #expect(path.bytes == [0x66, 0xE9])
    }

    @Test(
        arguments: [
            ("#main", "main", nil), ("#refs/pull/1/head", "refs/pull/1/head", nil), ("", nil, nil),
            ("#", nil, nil),
            ("#0123456789ABCDEF0123456789abcdef01234567:d", nil, "0123456789abcdef0123456789abcdef01234567"),
            (
                "#refs/heads/x#0123456789abcdef0123456789abcdef01234567", "refs/heads/x",
                "0123456789abcdef0123456789abcdef01234567"
            ),
            ("##0123456789abcdef0123456789abcdef01234567", nil, "0123456789abcdef0123456789abcdef01234567"),
        ] as [(String, String?, String?)])
    func `what of a repository is wanted`(fragment: String, ref: String?, commit: String?) throws {
        let text = Array("https://example.com/a.git\(fragment)".utf8)
        let location = try #require(try GitLocation(parsing: text, "context"))
        #expect(location.ref == ref && location.commit == commit)
    }

    @Test func `a repository of this machine's is the user's to name, and not a Dockerfile's`() throws {
        #expect(throws: BuildError.self) {
            try GitLocation(parsing: Array("git+file:///etc".utf8), "ADD")
        }
    }

    @Test(arguments: [
        ("https://user:p%40ss@example.com/b.git", "https://example.com/b.git", "user", "p@ss"),
        ("https://tok%65n@example.com/b.git", "https://example.com/b.git", "token", ""),
        ("https://a@b:c@example.com/b.git", "https://example.com/b.git", "a@b", "c"),
    ])
    func `a login is taken out of a URL`(text: String, remote: String, user: String, password: String) throws
    {
        let location = try #require(try GitLocation(parsing: Array(text.utf8), "context"))
        #expect(location.remote == remote)
        guard case .basic(user, let secret) = location.login else {
            Issue.record("no login")
            return
        }
        #expect(secret.withSpan { span in span.indices.map { span[$0] } } == Array(password.utf8))
    }

    @Test(arguments: [
        ("https://u:secret@example.com/a@b/c.git#v1:d e", "git+https://example.com/a%40b/c@v1#d%20e"),
        ("git@example.com:a/b.git", "git+ssh://example.com/a/b"),
        ("ssh://git@example.com/a/b.git#refs/tags/v@1", "git+ssh://example.com/a/b@refs/tags/v@1"),
    ])
    func `provenance names repository, ref and commit`(text: String, uri: String) throws {
        let commit = String(repeating: "0a", count: 20)
        let location = try #require(try GitLocation(parsing: Array(text.utf8), "context"))
        let material = try #require(try location.material(commit: commit))
        #expect(material.uri == uri)
        #expect(material.digest["gitCommit"] == commit)
    }
}

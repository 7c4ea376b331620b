import Cryptography
import HTTP
import Layers
import Linux
import OCI
import Provenance
import Registry
import TestSupport
import Testing

@testable import Build

struct RemoteFileTests {
    private static func settings(tries: Int = 3) throws -> ContextSettings {
        var settings = try ContextSettings()
        settings.backoff = Backoff(tries: tries, firstMilliseconds: 1, longestMilliseconds: 1000)
        return settings
    }

    private func fetch(
        _ url: String, checksum: Digest? = nil, _ change: (inout ContextSettings) -> Void = { _ in }
    ) throws -> RemoteFile {
        var settings = try Self.settings()
        change(&settings)
        return try RemoteFile.fetch(RemoteLocation(parsing: url), checksum: checksum, settings) { _ in }
    }

    private static func answer(_ body: String, _ fields: String...) -> String {
        let head = ["HTTP/1.1 200 OK", "Content-Length: \(body.utf8.count)"] + fields
        return head.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    /// Answers by path.
    private func server(_ answers: [String: [String]]) throws -> LoopbackServer {
        let counts = Monitor([String: Int]())
        return try LoopbackServer { connection in
            while let request = try connection.receive() {
                let list = answers[request.target] ?? ["HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n"]
                let number = counts.update { counts in
                    defer { counts[request.target, default: 0] += 1 }
                    return counts[request.target, default: 0]
                }
                let text = list[min(number, list.count - 1)]
                try connection.send(text)
                // One that promises more than it sends breaks off.
                if text.hasSuffix("cut") { return }
            }
        }
    }

    private func digest(_ text: String) throws -> Digest {
        var sha256 = try SHA256()
        sha256.update(Array(text.utf8).span)
        return Digest(sha256: sha256.finish())
    }

    @Test func `a file comes with its digest, its name and its time`() throws {
        let server = try server([
            "/a/my%20file.txt?x=1": [
                Self.answer("hello", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT")
            ]
        ])
        let file = try fetch("http://127.0.0.1:\(server.port)/a/my%20file.txt?x=1")
        #expect(try file.content.readAll(limit: 100) == Array("hello".utf8))
        #expect(try file.digest == digest("hello"))
        #expect(try file.fileName() == "my file.txt")
        #expect(file.modified?.seconds == 784_111_777)
        #expect(file.material.uri == "http://127.0.0.1:\(server.port)/a/my%20file.txt?x=1")
        #expect(try file.material.digest["sha256"] == digest("hello").hex)
    }

    @Test func `a checksum is compared`() throws {
        let server = try server(["/x": [Self.answer("hello")]])
        let url = "http://u:secret@127.0.0.1:\(server.port)/x"
        #expect(try fetch(url, checksum: digest("hello")).content.size == 5)
        let wanted = try digest("other")
        let error = #expect(throws: ContextError.self) { try fetch(url, checksum: wanted) }
        #expect(error?.isMismatch == true)
        #expect(ErrorClass(of: try #require(error)) == .integrity)
        #expect("\(try #require(error))".contains("secret") == false)
    }

    @Test func `what fails in passing is tried again, from the start`() throws {
        let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut"
        let server = try server(["/x": [busy, cut, Self.answer("hello")]])
        let file = try fetch("http://127.0.0.1:\(server.port)/x")
        #expect(try file.content.readAll(limit: 100) == Array("hello".utf8))
        #expect(server.requests.count == 3)
    }

    @Test func `what fails for good is told at once`() throws {
        let server = try server([:])
        let url = "http://127.0.0.1:\(server.port)/x"
        #expect(throws: ContextError.refused(url, status: 404)) { try fetch("\(url)?token=abc") }
        #expect(server.requests.count == 1)
        let dead = try self.server(["/x": ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut"]])
        #expect(throws: HTTPError.self) { try fetch("http://127.0.0.1:\(dead.port)/x") }
        #expect(dead.requests.count == 3)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + String(repeating: "x", count: 1000),
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: "x", count: 1000) + "cut",
    ])
    func `more bytes than the limit are not taken`(answer: String) throws {
        let server = try server(["/x": [answer]])
        let url = "http://127.0.0.1:\(server.port)/x"
        #expect(throws: ContextError.tooLarge(url, limit: 999)) { try fetch(url) { $0.limits.bytes = 999 } }
    }

    private func redirect(_ place: String) -> String {
        "HTTP/1.1 302 Found\r\nLocation: \(place)\r\nContent-Length: 0\r\n\r\n"
    }

    @Test func `redirects are followed, and take no login along`() throws {
        let other = try server(["/b": [Self.answer("hello")], "/c": [Self.answer("hello")]])
        let server = try server([
            "/x": [redirect("/y?z=1")], "/y?z=1": [redirect("http://127.0.0.1:\(other.port)/b")],
        ])
        let file = try fetch("http://user:secret@127.0.0.1:\(server.port)/x")
        #expect(try file.fileName() == "x")
        #expect(
            server.requests.map { $0.header("Authorization") } == [
                "Basic dXNlcjpzZWNyZXQ=", "Basic dXNlcjpzZWNyZXQ=",
            ])
        #expect(other.requests.map { $0.header("Authorization") } == [nil])
    }

    @Test(arguments: [
        "file:///etc/passwd", "ftp://example.com/x", "http://169.254.169.254/x", "http://[fe80::1]/",
    ])
    func `a redirect to where nothing shall be fetched is refused`(place: String) throws {
        let server = try server(["/x": [redirect(place)]])
        let error = #expect(throws: ContextError.self) { try fetch("http://127.0.0.1:\(server.port)/x") }
        guard case .forbiddenTarget = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `redirects that do not end are not followed for ever`() throws {
        let server = try server(["/x": [redirect("/x")]])
        let url = "http://127.0.0.1:\(server.port)/x"
        #expect(throws: ContextError.tooManyRedirects(url)) { try fetch(url) }
        #expect(server.requests.count == 11)
    }

    @Test(
        arguments: [
            (nil, "/a/b.txt", "b.txt"), (nil, "/a/", "a"), (nil, "/", nil), (nil, "/..%2F..", nil),
            (nil, "/%2e%2e", nil), (nil, "/a%2Fb", "b"), (nil, "/a%00b", nil), (nil, "/a%0Ab", nil),
            (nil, "/...", "..."), ("attachment", "/a", "a"),
            ("attachment; filename=x.tar", "/a", "x.tar"),
            ("attachment; filename=\"x y;z\"; a=b", "/a", "x y;z"),
            ("attachment; filename=\"a\\\"b\"", "/a", "a\"b"), ("attachment; FileName = \"q\"", "/a", "q"),
            ("attachment; filename=\"../../etc/passwd\"", "/a", "passwd"),
            ("attachment; filename=\"..\"", "/a", "a"),
            ("attachment; filename=\"x/\"", "/a", "a"), ("attachment; filename=\"\"", "/a", "a"),
            ("attachment; filename=\"a\u{1}\"", "/a", "a"),
            ("attachment; filename=\"unclosed", "/a", "unclosed"),
            ("attachment; filename=e; filename*=UTF-8''%e2%82%ac.txt", "/a", "€.txt"),
            ("attachment; filename*=utf-8'en'..%2Fx", "/a", "x"), ("; ; =;filename=z", "/a", "z"),
            ("attachment; filename=" + String(repeating: "n", count: 256), "/a", "a"),
        ] as [(String?, String, String?)])
    func `a file is named as the server says, and never leads elsewhere`(
        disposition: String?, path: String, name: String?
    ) {
        let found = RemoteFileName.find(disposition: disposition, path: path)
        #expect(found == name.map { FileName($0.utf8) })
    }

    @Test func `a file without a name is an error that says what to do`() throws {
        let server = try server(["/": [Self.answer("hello")]])
        let file = try fetch("http://127.0.0.1:\(server.port)")
        #expect(throws: ContextError.nameless("http://127.0.0.1:\(server.port)/")) { try file.fileName() }
    }
}

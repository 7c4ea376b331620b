import HTTP
import TestSupport
import Testing

/// What a server answers, where it is no more than `OK`.
let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"

func url(_ server: LoopbackServer, _ path: String = "/") throws -> URL {
    try URL(parsing: "http://127.0.0.1:\(server.port)\(path)")
}

/// Settings under which a test waits for little.
var impatient: ConnectionSettings {
    var settings = ConnectionSettings()
    settings.stallTimeout = .milliseconds(1200)
    settings.connectTimeout = .seconds(5)
    return settings
}

/// The kind of the error of a request.
func failure(_ server: LoopbackServer, _ settings: ConnectionSettings = impatient, _ request: Request? = nil)
    throws
    -> HTTPError.Kind?
{
    let connection = try Connection(settings)
    do {
        _ = try connection.perform(request ?? Request(.get, url(server)), limit: 1 << 20)
        return nil
    } catch let error as HTTPError {
        return error.kind
    }
}

@Suite(.timeLimit(.minutes(30)))
struct ConnectionTests {
    @Test func `a connection is kept for the next request`() throws {
        let server = try LoopbackServer.answering(ok)
        let connection = try Connection(impatient)
        for _ in 0..<5 {
            let (response, body) = try connection.perform(Request(.get, url(server)), limit: 10)
            #expect(response.status == 200 && response.version == .http11)
            #expect(body == Array("OK".utf8))
        }
        #expect(server.connections == 1)
    }

    @Test(
        "each method goes out with its length", arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    func methods(name: String) throws {
        let server = try LoopbackServer { connection in
            while let request = try connection.receive() {
                try connection.send(
                    request.line.hasPrefix("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" : ok)
            }
        }
        let connection = try Connection(impatient)
        let method = try #require(Request.Method(rawValue: name))
        for body in [nil, [], Array("content".utf8)] where method != .head || body == nil {
            _ = try connection.perform(Request(method, url(server, "/a?b"), body: body), limit: 10)
            let request = try #require(server.requests.last)
            #expect(request.line == "\(name) /a?b HTTP/1.1")
            #expect(request.body == body ?? [])
            #expect(request.header("Expect") == nil)
            #expect(request.header("Transfer-Encoding") == nil)
            let hasLength = body != nil || [.post, .put, .patch].contains(method)
            #expect(request.header("Content-Length") == (hasLength ? "\(body?.count ?? 0)" : nil))
        }
        #expect(server.connections == 1)
    }

    @Test func `headers go out, and those of the answer come in order`() throws {
        let server = try LoopbackServer.answering(
            "HTTP/1.1 401 No\r\nA: 1\r\nWWW-Authenticate: Bearer x\r\na:2 \r\nwww-authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
        )
        let connection = try Connection(ConnectionSettings(userAgent: "varve/1"))
        let response = try connection.perform(
            Request(.get, url(server), headers: ["Authorization": "Basic secret", "X-Empty": ""]))
        #expect(response.status == 401)
        #expect(response.headers.all("WWW-AUTHENTICATE") == ["Bearer x", "Basic"])
        #expect(response.headers.all("a") == ["1", "2"])
        let request = try #require(server.requests.first)
        #expect(request.header("Authorization") == "Basic secret")
        #expect(request.header("User-Agent") == "varve/1")
        #expect(request.headers.contains("X-Empty:") || request.headers.contains("X-Empty: "))
    }

    @Test("a header that would end its line is not sent", arguments: ["a\r\nB: c", "a\nb", "a\0b"])
    func injection(value: String) throws {
        let server = try LoopbackServer.answering(ok)
        #expect(
            try failure(server, impatient, Request(.get, url(server), headers: ["X": value]))
                == .invalidRequest)
        #expect(server.connections == 0)
    }

    @Test func `printing shows no values of headers`() throws {
        let request = Request(
            .get, try URL(parsing: "https://h/?q=secret"), headers: ["Authorization": "secret"])
        for text in [
            "\(request)", "\(request.headers)", String(reflecting: request),
            String(reflecting: request.headers.fields),
        ] {
            #expect(!text.contains("secret"))
        }
        var dumped = ""
        dump(request, to: &dumped)
        #expect(!dumped.contains("secret"))
    }

    @Test func `a redirect is not followed`() throws {
        let server = try LoopbackServer.answering(
            "HTTP/1.1 307 T\r\nLocation: ../x\r\nContent-Length: 0\r\n\r\n")
        let response = try Connection(impatient).perform(Request(.get, url(server, "/a/b/c")))
        #expect(response.status == 307)
        #expect(server.requests.count == 1)
    }

    @Test func `head comes before body, and throwing ends either`() throws {
        let server = try LoopbackServer.answering(ok)
        struct Enough: Error {}
        let connection = try Connection(impatient)
        #expect(throws: Enough.self) {
            try connection.perform(Request(.get, url(server)), head: { _ in throw Enough() }) { _ in
                Issue.record()
            }
        }
        #expect(throws: Enough.self) {
            try connection.perform(Request(.get, url(server)), receive: { _ in throw Enough() })
        }
        #expect(try connection.perform(Request(.get, url(server)), limit: 10).body == Array("OK".utf8))
    }

    @Test func `a body larger than its limit is an error`() throws {
        let server = try LoopbackServer.answering(ok)
        #expect(throws: HTTPError.self) {
            try Connection(impatient).perform(Request(.get, url(server)), limit: 1)
        }
    }

    @Test func `HTTP 1.0 and a body up to the connection's end`() throws {
        let server = try LoopbackServer { connection in
            _ = try connection.receive()
            try connection.send("HTTP/1.0 200 OK\r\n\r\nto the end")
        }
        let (response, body) = try Connection(impatient).perform(Request(.get, url(server)), limit: 100)
        #expect(response.version == .http10 && body == Array("to the end".utf8))
    }

    @Test func `answers of status 1xx are passed over, trailers too`() throws {
        let server = try LoopbackServer.answering(
            "HTTP/1.1 100 Continue\r\nX: no\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nX: yes\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\nX: late\r\n\r\n"
        )
        let (response, body) = try Connection(impatient).perform(Request(.get, url(server)), limit: 100)
        #expect(response.headers.all("x") == ["yes"] && body == Array("OK".utf8))
    }
}

import Cryptography
import HTTP
import Linux
import OCI
import Registry
import TestSupport
import Testing

/// A registry that wants a token, with the server that gives it out, on one port.
private func tokenRegistry(
    realm: String = "http://127.0.0.1:PORT/token", answer: String = #"{"token":"T1"}"#,
    accepts: [String] = ["Bearer T1"],
    status: Int = 200
) throws -> LoopbackServer {
    let port = Monitor(0)
    let server = try LoopbackServer { connection in
        while let request = try connection.receive() {
            if request.target.hasPrefix("/token") {
                try connection.send(
                    "HTTP/1.1 \(status) X\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)")
            } else if let shown = request.header("Authorization"), accepts.contains(shown) {
                try connection.send("HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n")
            } else {
                let place = realm.replacing("PORT", with: "\(port.update { $0 })")
                try connection.send(
                    "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm=\"\(place)\",service=\"s\",scope=\"repository:a:pull repository:secret:push\"\r\nContent-Length: 0\r\n\r\n"
                )
            }
        }
    }
    port.update { $0 = server.port }
    return server
}

private func client(_ server: LoopbackServer, _ credential: Credential = .anonymous) throws -> RegistryClient
{
    try RegistryClient(
        RegistrySession(
            URL(parsing: "http://127.0.0.1:\(server.port)").origin, .impatient,
            credential: { _ in credential }))
}

private func secret(_ text: String) throws -> SecretBytes { try SecretBytes(Array(text.utf8).span) }

@Suite(.timeLimit(.minutes(30)))
struct AuthorizationTests {
    @Test(
        "a token is asked for once",
        arguments: [
            #"{"token":"T1"}"#, #"{"access_token":"T1"}"#,
            #"{"token":"","access_token":"T1","expires_in":300}"#,
            #"{"token":"T1","issued_at":"1999-01-01T00:00:00Z"}"#,
        ])
    func once(answer: String) throws {
        let server = try tokenRegistry(answer: answer)
        let client = try client(server, .basic(user: "u", password: secret("p")))
        for _ in 0..<5 { #expect(try client.manifest(.tag("x"), in: "a") == nil) }
        let asked = server.requests.filter { $0.target.hasPrefix("/token") }
        #expect(asked.count == 1)
        #expect(asked.first?.header("Authorization") == "Basic dTpw")
        // What the registry wants for another repository is not asked for.
        #expect(asked.first?.target == "/token?service=s&scope=repository%3Aa%3Apull")
        #expect(server.requests.count == 7)
    }

    @Test func `a registry that always refuses is asked twice`() throws {
        let server = try tokenRegistry(accepts: [])
        #expect {
            try client(server).manifest(.tag("x"), in: "a")
        } throws: {
            if case .unauthorized? = ($0 as? RegistryError)?.reason { true } else { false }
        }
        #expect(server.requests.count == 3)
    }

    @Test func `a token that ends is renewed`() throws {
        let server = try tokenRegistry(answer: #"{"token":"T1","expires_in":1}"#)
        let client = try client(server)
        for _ in 0..<2 {
            #expect(try client.manifest(.tag("x"), in: "a") == nil)
            Machine.sleep(milliseconds: 1_300)
        }
        #expect(server.requests.count { $0.target.hasPrefix("/token") } == 2)
        #expect(server.requests.count { !$0.target.hasPrefix("/token") } == 3)
    }

    @Test func `an identity token goes out in a form`() throws {
        let server = try tokenRegistry()
        #expect(try client(server, .identityToken(secret("i/d"))).manifest(.tag("x"), in: "a") == nil)
        let asked = try #require(server.requests.first { $0.target.hasPrefix("/token") })
        #expect(asked.method == "POST" && asked.header("Content-Type") == "application/x-www-form-urlencoded")
        let form = String(decoding: asked.body, as: UTF8.self)
        #expect(
            form
                == "grant_type=refresh_token&client_id=varve&refresh_token=i%2Fd&service=s&scope=repository%3Aa%3Apull"
        )
    }

    @Test func `a registry token goes to the registry as it is`() throws {
        let server = try tokenRegistry()
        #expect(try client(server, .registryToken(secret("T1"))).manifest(.tag("x"), in: "a") == nil)
        #expect(server.requests.count { $0.target.hasPrefix("/token") } == 0)
    }

    @Test(
        "a token server where no password goes is not asked",
        arguments: [
            "http://token.example/", "https://169.254.169.254/", "https://10.0.0.1/", "ftp://h/",
            "https://u:p@h/", "/token",
        ])
    func realms(realm: String) throws {
        let server = try tokenRegistry(realm: realm)
        #expect {
            try client(server, .basic(user: "u", password: secret("p"))).manifest(.tag("x"), in: "a")
        } throws: {
            if case .forbiddenTarget? = ($0 as? RegistryError)?.reason { true } else { false }
        }
        #expect(server.requests.count == 1)
    }

    @Test(
        "a token server that gives none",
        arguments: [
            (200, "<html>"), (200, "{}"), (200, String(repeating: " ", count: 2 << 20)),
            (401, #"{"details":"incorrect"}"#), (500, ""),
        ])
    func noToken(status: Int, answer: String) throws {
        let server = try tokenRegistry(answer: answer, status: status)
        #expect(throws: (any Error).self) {
            try client(server, .basic(user: "u", password: secret("geheim"))).manifest(.tag("x"), in: "a")
        }
        #expect(server.requests.count <= 5)
    }

    @Test(
        "a challenge that cannot be met is told",
        arguments: [
            "", "WWW-Authenticate: Negotiate\r\n", "WWW-Authenticate: Bearer realm=\"\r\n",
            "WWW-Authenticate: Basic realm=x\r\n",
        ])
    func challenges(field: String) throws {
        let server = try LoopbackServer.answering("HTTP/1.1 401 No\r\n\(field)Content-Length: 0\r\n\r\n")
        #expect {
            try client(server).manifest(.tag("x"), in: "a")
        } throws: {
            if case .unauthorized? = ($0 as? RegistryError)?.reason { true } else { false }
        }
        #expect(server.requests.count == 1)
    }

    @Test func `threads share a token`() throws {
        let server = try tokenRegistry()
        let session = RegistrySession(try URL(parsing: "http://127.0.0.1:\(server.port)").origin, .impatient)
        _ = try RegistryClient(session).manifest(.tag("x"), in: "a")
        let workers = (0..<4).map { _ in
            Worker<Void> { for _ in 0..<5 { _ = try RegistryClient(session).manifest(.tag("x"), in: "a") } }
        }
        for worker in workers { try worker.join() }
        #expect(server.requests.count { $0.target.hasPrefix("/token") } == 1)
        #expect(server.requests.count == 23)
    }
}

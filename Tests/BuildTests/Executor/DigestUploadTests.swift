import Linux
import OCI
import Registry
import TestSupport
import Testing

@testable import Build

struct DigestUploadTests {
    private let digest: Digest

    init() throws { digest = try Digest(parsing: "sha256:\(String(repeating: "ab", count: 32))") }

    private func settings() throws -> ContextSettings {
        var settings = try ContextSettings()
        settings.backoff = Backoff(tries: 3, firstMilliseconds: 1, longestMilliseconds: 1000)
        return settings
    }

    /// Answers with one status after the other, the last for ever.
    private func server(_ statuses: [Int]) throws -> LoopbackServer {
        let statuses = Monitor(statuses)
        return try LoopbackServer { connection in
            while try connection.receive() != nil {
                let status = statuses.update { $0.count > 1 ? $0.removeFirst() : $0[0] }
                try connection.send("HTTP/1.1 \(status) It\r\nContent-Length: 0\r\n\r\n")
            }
        }
    }

    private func send(to server: LoopbackServer) throws {
        try DigestUpload(parsing: "http://127.0.0.1:\(server.port)/told?signature=secret")
            .send(digest, settings())
    }

    @Test(
        "the digest is what is put there, once it is taken",
        arguments: [([200], 1), ([201], 1), ([503, 200], 2), ([500, 502, 204], 3)])
    func taken(statuses: [Int], tries: Int) throws {
        let server = try server(statuses)
        try send(to: server)
        #expect(server.requests.count == tries)
        for request in server.requests {
            #expect(request.method == "PUT" && request.target == "/told?signature=secret")
            #expect(request.body == Array("\(digest)".utf8))
        }
    }

    @Test(
        "who does not take it is named, and not what the URL is signed with", arguments: [(403, 1), (503, 3)])
    func notTaken(status: Int, tries: Int) throws {
        let server = try server([status])
        let error = #expect(throws: ContextError.self) { try send(to: server) }
        let text = "\(try #require(error))"
        #expect(
            text.contains("127.0.0.1") && text.contains("\(status)") && !text.contains("secret"), "\(text)")
        #expect(server.requests.count == tries)
    }

    @Test func `the URL's login is shown, and is no part of the URL`() throws {
        let server = try server([200])
        let url = "http://user:secret@127.0.0.1:\(server.port)/told"
        try DigestUpload(parsing: url).send(digest, settings())
        #expect(server.requests.map { $0.header("Authorization") } == ["Basic dXNlcjpzZWNyZXQ="])
    }

    @Test(
        "what is no address is refused before anything is built",
        arguments: ["https://", "https://user:pw@/x"])
    func refused(url: String) {
        let error = #expect(throws: BuildError.self) { try DigestUpload(parsing: url) }
        #expect(error.map { !"\($0)".contains("pw") } == true)
    }
}

import Cryptography
import HTTP
import Linux
import OCI
import Registry
import TestSupport
import Testing

private let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"

@Suite(.timeLimit(.minutes(30)))
struct FaultyUploadTests {
    @Test(
        "a blob arrives, whatever happens on the way",
        arguments: [
            ScriptedRegistry.Fault("POST", "uploads", times: 1, .say(busy)),
            .init("POST", "uploads", times: 1, .drop), .init("PUT", "uploads", times: 1, .say(busy)),
            .init("PUT", "uploads", times: 1, .drop), .init("PUT", "uploads", times: 2, .dropWithin(700_000)),
            .init("PUT", "uploads", times: 1, .dropAnswer), .init("HEAD", "blobs", times: 1, .say(busy)),
            .init("HEAD", "blobs", times: 1, .say("HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n")),
            .init("PUT", "uploads", times: 1, .say("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")),
            .init("PUT", "uploads", times: 1, .change { $0.status = 204 }),
            .init("PUT", "uploads", times: 1, .say("HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n")),
            .init(
                "PUT", "uploads", times: 1,
                .say("HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")),
        ])
    func arrives(fault: ScriptedRegistry.Fault) throws {
        let registry = try ScriptedRegistry(fault)
        let blob = try SampleBlob(2_000_001)
        _ = try registry.client().push(blob, to: "a")
        #expect(registry.state.update { $0.blobs["\(blob.digest)"] } == blob.bytes)
        #expect(registry.asked.count < 16)
    }

    @Test("a broken upload goes on where it broke", arguments: [700_000, 1_999_999])
    func resumes(place: Int) throws {
        let registry = try ScriptedRegistry(.init("PUT", "uploads", times: 1, .dropWithin(place)))
        let blob = try SampleBlob(2_000_001)
        #expect(try registry.client().push(blob, to: "a").contains(.resumed(at: Int64(place))))
        let last = try #require(registry.server.requests.last { $0.method == "PUT" })
        #expect(last.body.count == 2_000_001 - place)
        #expect(last.header("Content-Range") == "\(place)-2000000")
    }

    @Test(
        "an offset that cannot be begins another session, and not for ever",
        arguments: ["0-99999999", "5-7", "nonsense", "0-99999999999999999999999"])
    func lies(range: String) throws {
        let registry = try ScriptedRegistry(
            .init("PUT", "uploads/u1", .drop),
            .init("GET", "uploads", .change { $0.headers[1] = "Range: \(range)" }))
        let blob = try SampleBlob(100_000)
        _ = try registry.client().push(blob, to: "a")
        #expect(registry.count("POST") == 2)
        let hopeless = try ScriptedRegistry(
            .init("PUT", "uploads", .drop),
            .init("GET", "uploads", .change { $0.headers[1] = "Range: \(range)" }))
        #expect(throws: (any Error).self) { try hopeless.client().push(blob, to: "a") }
        #expect(hopeless.asked.count < 40)
    }

    @Test(
        "what cannot succeed fails at once",
        arguments: [(400, "DIGEST_INVALID"), (413, ""), (403, "DENIED"), (507, "")])
    func fails(status: Int, code: String) throws {
        let body = #"{"errors":[{"code":"\#(code)","message":"quota\u001b[31m"}]}"#
        let registry = try ScriptedRegistry(
            .init(
                "PUT", "uploads",
                .say("HTTP/1.1 \(status) No\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")))
        #expect {
            try registry.client().push(SampleBlob(100_000), to: "a")
        } throws: { error in
            (error as? RegistryError)?.status == status && "\(error)".contains("quota")
                && !"\(error)".contains("\u{1b}")
        }
        #expect(registry.count("PUT") == 1)
    }

    @Test(
        "a stream arrives in chunks, whatever happens on the way",
        arguments: [
            ScriptedRegistry.Fault("PATCH", "uploads", times: 0, .drop),
            .init("PATCH", "uploads", times: 2, .drop),
            .init("PATCH", "uploads", times: 2, .dropWithin(30_000)),
            .init("PATCH", "uploads", times: 2, .dropAnswer),
            .init("PATCH", "uploads", times: 2, .say(busy)), .init("PUT", "uploads", times: 1, .dropAnswer),
            .init("PUT", "uploads", times: 1, .drop), .init("PUT", "uploads", times: 1, .dropWithin(20)),
            .init("PATCH", "uploads", times: 1, .say("HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n")),
        ])
    func stream(fault: ScriptedRegistry.Fault) throws {
        let registry = try ScriptedRegistry(fault)
        var settings = RegistrySettings.impatient
        settings.chunkBytes = 100_000
        let blob = try SampleBlob(350_000)
        let upload = try registry.client(settings).beginUpload(to: "a")
        try upload.write(blob.bytes)
        try upload.finish(blob.digest)
        #expect(registry.state.update { $0.blobs["\(blob.digest)"] } == blob.bytes)
        #expect(registry.asked.count < 24)
    }

    @Test func `a session that is forgotten under a stream is an error`() throws {
        let registry = try ScriptedRegistry()
        var settings = RegistrySettings.impatient
        settings.chunkBytes = 1_000
        let upload = try registry.client(settings).beginUpload(to: "a")
        try upload.write([UInt8](repeating: 1, count: 2_000))
        registry.state.update { $0.uploads = [:] }
        #expect {
            try upload.write([UInt8](repeating: 1, count: 2_000))
        } throws: {
            if case .uploadLost? = ($0 as? RegistryError)?.reason { true } else { false }
        }
    }

    @Test(
        "an upload's place elsewhere gets no authorization, and a forbidden one nothing",
        arguments: [
            ("http://localhost:PORT/up?x=1", true), ("http://169.254.169.254/up", false),
            ("file:///etc/passwd", false), ("http://u:p@h/", false),
        ])
    func locations(location: String, isAllowed: Bool) throws {
        let other = try LoopbackServer.answering("HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n")
        let place = location.replacing("PORT", with: "\(other.port)")
        let registry = try ScriptedRegistry(
            .init(
                "POST", "uploads", times: 1,
                .say("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")),
            .init("POST", "uploads", .change { $0.headers = ["Location: \(place)"] }))
        let client = try registry.client { _ in
            .basic(user: "u", password: try .init(Array("secret".utf8).span))
        }
        let blob = try SampleBlob(1_000)
        if isAllowed {
            _ = try client.push(blob, to: "a")
            let request = try #require(other.requests.first)
            #expect(request.target == "/up?x=1&digest=sha256%3A\(blob.digest.hex)")
            #expect(request.header("Authorization") == nil && request.body == blob.bytes)
        } else {
            #expect {
                try client.push(blob, to: "a")
            } throws: {
                if case .forbiddenTarget? = ($0 as? RegistryError)?.reason { true } else { false }
            }
        }
    }

    @Test("mounting: there at once, not, and refused", arguments: [201, 202, 403, 500])
    func mounts(status: Int) throws {
        let registry = try ScriptedRegistry(.init("POST", "mount=", .change { $0.status = status }))
        let blob = try SampleBlob(1_000)
        let said = try registry.client().push(blob, to: "a", mounting: "b")
        #expect(said.contains(.mounted(from: "b")) == (status == 201))
        #expect(status == 201 || registry.state.update { $0.blobs["\(blob.digest)"] } == blob.bytes)
    }

    @Test func `the permission to push is found out, and nothing stays behind`() throws {
        let registry = try ScriptedRegistry()
        try registry.client().checkPush(to: "a")
        #expect(registry.asked == ["POST /v2/a/blobs/uploads/", "DELETE /v2/a/blobs/uploads/u1?s=0"])
        let refusing = try ScriptedRegistry(
            .init("POST", "uploads", .say("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")))
        #expect(throws: RegistryError.self) { try refusing.client().checkPush(to: "a") }
    }
}

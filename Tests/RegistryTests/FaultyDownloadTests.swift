import Cryptography
import HTTP
import Linux
import OCI
import Registry
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct FaultyDownloadTests {
    @Test(
        "a blob comes whole, whatever happens on the way",
        arguments: [
            ScriptedRegistry.Fault(
                "GET", "blobs", times: 1, .say("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")),
            .init("GET", "blobs", times: 1, .drop), .init("GET", "blobs", times: 3, .cut(300_000)),
            .init("GET", "blobs", times: 1, .cut(0)), .init("GET", "blobs", times: 1, .cut(1_999_999)),
        ])
    func comes(fault: ScriptedRegistry.Fault) throws {
        let registry = try ScriptedRegistry(fault)
        let blob = try SampleBlob(2_000_000)
        registry.state.update { $0.blobs["\(blob.digest)"] = blob.bytes }
        #expect(try registry.client().pull(blob, from: "a") == blob.bytes)
        #expect(registry.asked.count <= 5)
    }

    @Test func `a registry that does not know ranges sends it again, and what came is passed over`() throws {
        let blob = try SampleBlob(2_000_000)
        let registry = try ScriptedRegistry(
            .init("GET", "blobs", times: 1, .cut(700_000)),
            .init("GET", "blobs", .change { [bytes = blob.bytes] in $0 = .init(status: 200, body: bytes) }))
        registry.state.update { $0.blobs["\(blob.digest)"] = blob.bytes }
        #expect(try registry.client().pull(blob, from: "a") == blob.bytes)
        // A reset takes away what was not read yet.
        let range = try #require(registry.server.requests.last?.header("Range"))
        #expect(range.hasPrefix("bytes=") && range != "bytes=0-")
    }

    @Test func `a registry that refuses the range is asked without one`() throws {
        let blob = try SampleBlob(2_000_000)
        let registry = try ScriptedRegistry(
            .init("GET", "blobs", times: 1, .cut(700_000)),
            .init("GET", "blobs", times: 1, .say("HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n")))
        registry.state.update { $0.blobs["\(blob.digest)"] = blob.bytes }
        #expect(try registry.client().pull(blob, from: "a") == blob.bytes)
        #expect(registry.server.requests.last?.header("Range") == nil)
    }

    @Test func `a part that was not asked for is never joined`() throws {
        let blob = try SampleBlob(1_000_000)
        let registry = try ScriptedRegistry(
            .init("GET", "blobs", times: 1, .cut(700_000)),
            .init("GET", "blobs", .change { $0.headers = ["Content-Range: bytes 5-300004/1000000"] }))
        registry.state.update { $0.blobs["\(blob.digest)"] = blob.bytes }
        #expect(throws: RegistryError.self) { try registry.client().pull(blob, from: "a") }
    }

    @Test func `a blob that is always cut fails after some tries`() throws {
        let blob = try SampleBlob(1_000_000)
        let registry = try ScriptedRegistry(.init("GET", "blobs", .cut(0)))
        registry.state.update { $0.blobs["\(blob.digest)"] = blob.bytes }
        #expect(throws: HTTPError.self) { try registry.client().pull(blob, from: "a") }
        #expect(registry.asked.count == 4)
    }

    @Test("what is not the blob is found out, and not asked for again", arguments: [true, false])
    func corrupt(isLonger: Bool) throws {
        let blob = try SampleBlob(100_000)
        let registry = try ScriptedRegistry()
        registry.state.update {
            $0.blobs["\(blob.digest)"] = isLonger ? blob.bytes + [1] : Array(blob.bytes.reversed())
        }
        #expect {
            try registry.client().pull(blob, from: "a")
        } throws: { error in
            switch (error as? RegistryError)?.reason {
            case .digestMismatch: !isLonger
            case .sizeMismatch: isLonger
            default: false
            }
        }
        #expect(registry.asked.count == 1)
    }

    @Test func `what the receiver throws comes out, and nothing is tried again`() throws {
        struct Full: Error {}
        let blob = try SampleBlob(100_000)
        let registry = try ScriptedRegistry()
        registry.state.update { $0.blobs["\(blob.digest)"] = blob.bytes }
        #expect(throws: Full.self) {
            try registry.client().pullBlob(blob.digest, size: nil, from: "a") { _ in throw Full() }
        }
        #expect(registry.asked.count == 1)
    }

    @Test func `a redirect gets the blob from elsewhere, without authorization`() throws {
        let blob = try SampleBlob(1_000)
        let text = String(repeating: "x", count: 5)
        let other = try LoopbackServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\(text)")
        let registry = try ScriptedRegistry(
            .init(
                "GET", "blobs", times: 1,
                .say("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")),
            .init(
                "GET", "blobs",
                .say(
                    "HTTP/1.1 307 T\r\nLocation: http://127.0.0.1:\(other.port)/b?sig=1\r\nContent-Length: 0\r\n\r\n"
                )))
        let client = try registry.client { _ in
            .basic(user: "u", password: try .init(Array("secret".utf8).span))
        }
        #expect {
            try client.pull(blob, from: "a", sized: false)
        } throws: {
            // The bytes came from there: they are only the wrong ones.
            if case .digestMismatch? = ($0 as? RegistryError)?.reason {
                !"\($0)".contains("sig=1")
            } else {
                false
            }
        }
        #expect(registry.server.requests.last?.header("Authorization") == "Basic dTpzZWNyZXQ=")
        #expect(other.requests.first?.header("Authorization") == nil)
    }

    @Test(
        "redirects end",
        arguments: ["SELF", "http://169.254.169.254/latest", "ftp://h/", "file:///etc/passwd"])
    func redirects(target: String) throws {
        let registry = try ScriptedRegistry(
            .init(
                "GET", "blobs",
                .say(
                    "HTTP/1.1 307 T\r\nLocation: \(target == "SELF" ? "?x" : target)\r\nContent-Length: 0\r\n\r\n"
                )))
        #expect(throws: RegistryError.self) { try registry.client().pull(SampleBlob(10), from: "a") }
        #expect(registry.asked.count == (target == "SELF" ? 11 : 1))
    }

    @Test(
        "the wait that a registry asks for is bounded",
        arguments: ["3600", "Wed, 21 Oct 2099 07:28:00 GMT", "0", "nonsense"])
    func retryAfter(field: String) throws {
        let registry = try ScriptedRegistry(
            .init(
                "GET", "manifests", times: 1,
                .say("HTTP/1.1 429 Slow\r\nRetry-After: \(field)\r\nContent-Length: 0\r\n\r\n")))
        let client = try registry.client()
        let isPatient = field.count < 4 || field == "nonsense"
        if isPatient {
            #expect(try client.manifest(.tag("x"), in: "a") == nil)
        } else {
            #expect(throws: RegistryError.self) { try client.manifest(.tag("x"), in: "a") }
        }
        #expect(registry.asked.count == (isPatient && field != "3600" ? 2 : 1))
    }

    @Test func `a registry that is always busy is left`() throws {
        for status in [408, 429, 500, 502, 503, 504] {
            let registry = try ScriptedRegistry(
                .init("GET", "manifests", .say("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n")))
            #expect { try registry.client().manifest(.tag("x"), in: "a") } throws: {
                ($0 as? RegistryError)?.status == status
            }
            #expect(registry.asked.count == 4)
        }
    }
}

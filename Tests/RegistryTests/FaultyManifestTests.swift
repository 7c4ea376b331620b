import HTTP
import Linux
import OCI
import Registry
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct FaultyManifestTests {
    private static let manifest = #"{"schemaVersion":2,"mediaType":"\#(MediaType.imageManifest)"}"#

    private static func answer(_ type: String, _ body: String, _ more: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\n\(more)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static let wrong: [(answer: String, words: String)] = [
        (answer("text/html", "<html><title>Sign in</title></html>"), "not a manifest (\"text/html\")"),
        (answer(MediaType.imageIndex.description, manifest), "its Content-Type is"),
        (
            answer(
                MediaType.imageManifest.description, "{}", "Docker-Content-Digest: \(Digest.emptyObject)x\r\n"
            ), ""
        ),
        (
            answer(
                MediaType.imageManifest.description, manifest,
                "Docker-Content-Digest: \(Digest.emptyObject)\r\n"), "expected"
        ),
        (answer("application/json", #"{"schemaVersion":1}"#), "schema 1"),
        (
            answer(MediaType.imageManifest.description, manifest + String(repeating: " ", count: 5 << 20)),
            "larger than 4194304"
        ),
    ]

    @Test("what is no manifest is said to be none", arguments: [0, 1, 3, 4, 5])
    func refuses(place: Int) throws {
        let (answer, words) = Self.wrong[place]
        let registry = try ScriptedRegistry(.init("GET", "manifests", .say(answer)))
        #expect {
            try registry.client().manifest(.tag("x"), in: "a")
        } throws: { error in
            error is RegistryError && "\(error)".contains(words)
        }
        #expect(registry.asked.count == 1)
    }

    @Test func `another digest than the pinned one is refused`() throws {
        let registry = try ScriptedRegistry(
            .init("GET", "manifests", .say(Self.answer("application/json", Self.manifest))))
        #expect {
            try registry.client().manifest(.digest(.emptyObject), in: "a")
        } throws: {
            if case .digestMismatch? = ($0 as? RegistryError)?.reason { true } else { false }
        }
    }

    @Test func `an error of 100 MB is read as far as it says something`() throws {
        let registry = try ScriptedRegistry(
            .init(
                "GET", "manifests",
                .change { $0 = .init(status: 400, body: [UInt8](repeating: 0x61, count: 20 << 20)) }))
        #expect { try registry.client().manifest(.tag("x"), in: "a") } throws: { "\($0)".utf8.count < 1_000 }
    }

    @Test("the list of tags is followed, and ends", arguments: [true, false])
    func tags(isEndless: Bool) throws {
        let link = isEndless ? "Link: </v2/a/tags/list?n=1000>; rel=\"next\"\r\n" : ""
        let registry = try ScriptedRegistry(
            .init(
                "GET", "last=b",
                .say("HTTP/1.1 200 OK\r\n\(link)Content-Length: 14\r\n\r\n{\"tags\":[\"c\"]}")),
            .init(
                "GET", "tags/list",
                .say(
                    "HTTP/1.1 200 OK\r\nLink: </v2/a/tags/list?last=b>; rel=\"next\"\r\nContent-Length: 18\r\n\r\n{\"tags\":[\"a\",\"b\"]}"
                )))
        if isEndless {
            #expect(throws: RegistryError.self) { try registry.client().tags(of: "a") }
            #expect(registry.asked.count == 2)
        } else {
            #expect(try registry.client().tags(of: "a") == ["a", "b", "c"])
        }
    }

    @Test func `the next page is not looked for elsewhere`() throws {
        let other = try LoopbackServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        let registry = try ScriptedRegistry(
            .init(
                "GET", "tags",
                .say(
                    "HTTP/1.1 200 OK\r\nLink: <http://127.0.0.1:\(other.port)/x>; rel=\"next\"\r\nContent-Length: 2\r\n\r\n{}"
                )))
        #expect(throws: RegistryError.self) { try registry.client().tags(of: "a") }
        #expect(other.connections == 0)
    }

    @Test func `writers of one fallback index lose nothing`() throws {
        let registry = try ScriptedRegistry()
        let subject = Digest.emptyObject
        let workers = (0..<4).map { number in
            Worker<Void> {
                let client = try registry.client()
                for round in 0..<2 {
                    let manifest = Manifest(
                        config: .empty, layers: [], annotations: ["n": "\(number).\(round)"])
                    let content = try ManifestContent(Document(manifest).bytes, mediaType: .imageManifest)
                    try client.putReferrer(content, entry: content.descriptor, of: subject, in: "a")
                }
            }
        }
        for worker in workers { try worker.join() }
        #expect(try registry.client().referrers(of: subject, in: "a").count == 8)
    }
}

import Glibc
import HTTP
import Linux
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct MisbehaviourTests {
    private static let wrongAnswers: [(String, HTTPError.Kind)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", .cutShort),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", .cutShort),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", .broken),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", .malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nab", .malformed),
        ("SSH-2.0-OpenSSH\r\n", .malformed), ("", .broken), ("HTTP/1.1 200 OK\r\nX: ", .broken),
        ("HTTP/7.0 200 OK\r\n\r\n", .malformed), ("HTTP/1.1 2x OK\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nX: \(letters(1 << 20))\r\n\r\n", .tooLarge),
        ("HTTP/1.1 200 OK\r\n\(String(repeating: "X: a\r\n", count: 3_000))\r\n", .tooLarge),
        ("HTTP/1.1 200 OK\r\n\(String(repeating: "X: \(letters(2_000))\r\n", count: 200))\r\n", .tooLarge),
        (String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 20_000), .tooLarge),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n\(letters(2_000_000))", .tooLarge),
    ]

    private static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    @Test("an answer that is wrong is an error of its kind", arguments: 0..<wrongAnswers.count)
    func wrong(place: Int) throws {
        let (answer, expected) = Self.wrongAnswers[place]
        let server = try LoopbackServer { connection in
            _ = try connection.receive()
            try connection.send(answer)
        }
        let found = try failure(server)
        // What cannot be sent whole to somebody who has gone may end as either.
        let others: [HTTPError.Kind] =
            switch expected {
            case .tooLarge: [.broken]
            case .broken: [.cutShort]
            default: []
            }
        #expect((others + [expected]).contains { $0 == found }, "\(String(describing: found))")
    }

    @Test(
        "a peer that stalls or trickles is left",
        arguments: [
            "HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nab",
        ])
    func stalls(beginning: String) throws {
        for trickles in [false, true] {
            let server = try LoopbackServer { connection in
                _ = try connection.receive()
                try connection.send(beginning)
                for _ in 0..<60 {
                    usleep(100_000)
                    // It ends when nobody listens any more.
                    try connection.send(trickles ? "a" : "")
                    if !trickles, connection.isLeft { return }
                }
            }
            let start = ContinuousClock().now
            #expect(try failure(server) == .stalled)
            #expect(start.duration(to: ContinuousClock().now) < .seconds(5))
        }
    }

    @Test func `a peer that does not read an upload is left`() throws {
        let server = try LoopbackServer { connection in
            _ = try connection.receiveHead()
            while !connection.isLeft { usleep(50_000) }
        }
        var sent = 0
        #expect {
            try Connection(impatient).perform(
                Request(.put, url(server)), streaming: nil,
                from: { piece in
                    piece += [UInt8](repeating: 1, count: 1 << 20)
                    sent += piece.count
                })
        } throws: { ($0 as? HTTPError)?.kind == .stalled }
        #expect(sent < 64 << 20)
    }

    @Test func `our own slowness is no stall`() throws {
        let server = try LoopbackServer.answering(ok)
        var pieces = 0
        let response = try Connection(impatient).perform(
            Request(.put, url(server)), streaming: nil,
            from: { piece in
                usleep(1_500_000)
                if pieces < 2 { piece.append(7) }
                pieces += 1
            },
            receive: { _ in usleep(1_500_000) })
        #expect(response.status == 200)
        #expect(server.requests.first?.body == [7, 7])
    }

    @Test func `a server may think for as long as the request says`() throws {
        let server = try LoopbackServer { connection in
            _ = try connection.receive()
            usleep(2_500_000)
            try connection.send(ok)
        }
        var request = Request(.put, try url(server), body: [1])
        request.answerTimeout = .seconds(20)
        #expect(try Connection(impatient).perform(request).status == 200)
        var isSent = false
        let response = try Connection(impatient).perform(
            request, streaming: 1,
            from: { piece in
                if !isSent { piece = [1] }
                isSent = true
            })
        #expect(response.status == 200)
    }

    @Test func `a deadline ends what still moves`() throws {
        let server = try LoopbackServer { connection in
            _ = try connection.receive()
            try connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while true {
                try connection.send(String(repeating: "a", count: 4_000))
                usleep(10_000)
            }
        }
        var request = Request(.get, try url(server))
        request.deadline = .seconds(2)
        #expect(try failure(server, impatient, request) == .deadlinePassed)
    }

    @Test func `an interruption ends a transfer`() throws {
        struct Stop: Error {}
        let server = try LoopbackServer { connection in
            _ = try connection.receive()
            while !connection.isLeft { usleep(50_000) }
        }
        let start = ContinuousClock().now
        let connection = try Connection(ConnectionSettings()) {
            if start.duration(to: ContinuousClock().now) > .milliseconds(500) { throw Stop() }
        }
        #expect(throws: Stop.self) { try connection.perform(Request(.get, url(server))) }
        #expect(start.duration(to: ContinuousClock().now) < .seconds(4))
    }

    @Test func `a kept connection that has died is opened anew`() throws {
        let server = try LoopbackServer { connection in
            _ = try connection.receive()
            try connection.send(ok)
        }
        let connection = try Connection(impatient)
        for _ in 0..<3 {
            #expect(try connection.perform(Request(.post, url(server), body: [1, 2, 3])).status == 200)
            usleep(50_000)
        }
        #expect(server.connections == 3)
    }

    @Test func `nobody listens, nobody has the name`() throws {
        var server: LoopbackServer? = try .answering(ok)
        let port = try #require(server?.port)
        server = nil
        let connection = try Connection(impatient)
        for (text, kind) in [
            ("http://127.0.0.1:\(port)/", HTTPError.Kind.unreachable),
            ("http://registry.invalid/", .unresolved),
        ] {
            let url = try URL(parsing: text)
            #expect {
                try connection.perform(Request(.get, url))
            } throws: {
                ($0 as? HTTPError)?.kind == kind && "\($0)".hasPrefix("GET \(url): ")
            }
        }
    }

    @Test func `a connection that is reset in the middle is broken`() throws {
        let server = try LoopbackServer { connection in
            _ = try connection.receive()
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
            usleep(50_000)
            connection.reset()
        }
        #expect(try failure(server) == .broken)
    }
}

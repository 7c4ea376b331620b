import HTTP
import Linux
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct UploadTests {
    @Test("a stream arrives whole", arguments: [nil, 3_000_001] as [Int64?])
    func stream(length: Int64?) throws {
        let server = try LoopbackServer.answering(ok)
        let content = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var position = 0
        let response = try Connection(impatient).perform(
            Request(.patch, url(server)), streaming: length,
            from: { piece in
                piece += content[position..<min(position + 100_003, content.count)]
                position += piece.count
            })
        let request = try #require(server.requests.first)
        #expect(request.body == content)
        #expect(request.header("Content-Length") == length.map { "\($0)" })
        #expect(request.header("Transfer-Encoding") == (length == nil ? "chunked" : nil))
        #expect(response.bytesSent >= 3_000_001)
    }

    @Test func `a stream shorter than announced is an error`() throws {
        let server = try LoopbackServer.answering(ok)
        var isSent = false
        #expect(throws: HTTPError.self) {
            try Connection(impatient).perform(
                Request(.put, url(server)), streaming: 10,
                from: { piece in
                    if !isSent { piece.append(1) }
                    isSent = true
                })
        }
    }

    @Test func `no more goes out than was announced`() throws {
        let server = try LoopbackServer.answering(ok)
        let connection = try Connection(impatient)
        try connection.perform(
            Request(.put, url(server)), streaming: 10, from: { $0 = [UInt8](repeating: 1, count: 1_000) })
        #expect(try connection.perform(Request(.get, url(server))).status == 200)
        #expect(server.requests.map(\.body.count) == [10, 0])
    }

    @Test func `what the stream throws comes out`() throws {
        struct Unreadable: Error {}
        let server = try LoopbackServer.answering(ok)
        #expect(throws: Unreadable.self) {
            try Connection(impatient).perform(
                Request(.put, url(server)), streaming: nil, from: { _ in throw Unreadable() })
        }
    }

    @Test func `an early refusal is read, and the rest is not sent`() throws {
        let server = try LoopbackServer { connection in
            _ = try connection.receiveHead()
            try connection.send(
                "HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge")
            while connection.skip() {}
        }
        var given = 0
        var said: [UInt8] = []
        let response = try Connection(impatient).perform(
            Request(.put, url(server)), streaming: 1 << 32,
            from: { piece in
                piece += [UInt8](repeating: 0, count: 256 << 10)
                given += piece.count
            }, receive: { bytes in for index in bytes.indices { said.append(bytes[index]) } })
        #expect(response.status == 413)
        #expect(said == Array("large".utf8))
        #expect(given < 1 << 30)
    }
}

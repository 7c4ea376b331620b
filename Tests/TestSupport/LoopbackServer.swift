import Glibc
import Linux

/// A server on this machine whose answers are a closure's: as right or as wrong as a test wants them.
public final class LoopbackServer: Sendable {
    /// Where it listens, on 127.0.0.1.
    public let port: Int
    private let descriptor: Int32
    private let acceptor: Worker<Void>
    private let state: Monitor<State>

    private struct State {
        var connections = 0
        var isClosed = false
        var requests: [ReceivedRequest] = []
        var workers: [Worker<Void>] = []
        var open: [ServerConnection] = []
    }

    /// Listens; `serve` runs once for each connection, which is closed when it returns.
    public init(_ serve: @escaping @Sendable (ServerConnection) throws -> Void) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw Failure() }
        port = Int(UInt16(bigEndian: address.sin_port))
        self.descriptor = descriptor
        let state = Monitor(State())
        self.state = state
        acceptor = Worker {
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0, !state.update({ $0.isClosed }) else { return }
                let connection = ServerConnection(client) { request in
                    state.update { $0.requests.append(request) }
                }
                let worker = Worker<Void> {
                    try? serve(connection)
                    connection.end()
                }
                state.update {
                    $0.connections += 1
                    $0.workers.append(worker)
                    $0.open.append(connection)
                }
            }
        }
    }

    /// Something did not work.
    public struct Failure: Error {}

    /// Answers each request on each connection with the same bytes.
    public static func answering(_ text: String) throws -> LoopbackServer {
        try LoopbackServer { connection in
            while try connection.receive() != nil { try connection.send(text) }
        }
    }

    /// How many connections came.
    public var connections: Int { state.update { $0.connections } }
    /// What was asked, in order.
    public var requests: [ReceivedRequest] { state.update { $0.requests } }

    deinit {
        state.update { $0.isClosed = true }
        shutdown(descriptor, Int32(SHUT_RDWR))
        try? acceptor.join()
        close(descriptor)
        for connection in state.update({ $0.open }) { connection.interrupt() }
        for worker in state.update({ $0.workers }) { try? worker.join() }
    }
}

/// A request as it came.
public struct ReceivedRequest: Sendable {
    /// Method, path and version.
    public var line = ""
    /// The fields as they came.
    public var headers: [String] = []
    /// The body, without chunks' frames.
    public var body: [UInt8] = []

    /// The method.
    public var method: String { line.split(separator: " ").first.map(String.init) ?? "" }
    /// The path with its query.
    public var target: String { line.split(separator: " ").dropFirst().first.map(String.init) ?? "" }

    /// The value of a field.
    public func header(_ name: String) -> String? {
        headers.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}

/// The server's end of a connection.
public final class ServerConnection: @unchecked Sendable {
    private let descriptor: Int32
    private let isEnded = Monitor(false)
    private let report: @Sendable (ReceivedRequest) -> Void
    private var buffer: [UInt8] = []

    init(_ descriptor: Int32, _ report: @escaping @Sendable (ReceivedRequest) -> Void) {
        (self.descriptor, self.report) = (descriptor, report)
        // A test that fails shall not wait for ever.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Closes.
    public func end() {
        isEnded.update { isEnded in
            close(descriptor)
            isEnded = true
        }
    }

    /// Wakes whoever waits for the other end.
    public func interrupt() { isEnded.update { if !$0 { shutdown(descriptor, Int32(SHUT_RDWR)) } } }

    /// Ends it so that the other end sees a reset.
    public func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    /// Sends.
    public func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends.
    public func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw LoopbackServer.Failure() }
            sent += count
        }
    }

    /// Reads some more; `false` at the end.
    private func readMore() -> Bool {
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        let count = recv(descriptor, &piece, piece.count, 0)
        guard count > 0 else { return false }
        buffer += piece.prefix(count)
        return true
    }

    private func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let text = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                return text.last == "\r" ? String(text.dropLast()) : text
            }
            guard readMore() else { return nil }
        }
    }

    private func take(_ count: Int) -> [UInt8] {
        while buffer.count < count, readMore() {}
        let bytes = Array(buffer.prefix(count))
        buffer.removeFirst(bytes.count)
        return bytes
    }

    /// Reads and forgets so many bytes, or up to the end.
    public func discard(_ count: Int) { _ = take(count) }

    /// Whether the other end has closed, by now; unread bytes or not.
    public var isLeft: Bool {
        var state = pollfd(fd: descriptor, events: 0x2000, revents: 0)  // POLLRDHUP
        return poll(&state, 1, 0) > 0 && state.revents != 0
    }

    /// Reads and forgets; `false` when the other end has closed.
    public func skip() -> Bool {
        buffer.removeAll()
        return readMore()
    }

    /// The head of the next request; `nil` when the other end has closed.
    public func receiveHead() throws -> ReceivedRequest? {
        guard let first = line() else { return nil }
        var request = ReceivedRequest(line: first.split(separator: "\r").first.map(String.init) ?? "")
        while let line = line(), !line.isEmpty { request.headers.append(line) }
        return request
    }

    /// The next request with its body; `nil` when the other end has closed.
    public func receive() throws -> ReceivedRequest? {
        guard var request = try receiveHead() else { return nil }
        receiveBody(of: &request)
        return request
    }

    /// The body of a request, or its beginning.
    public func receiveBody(of request: inout ReceivedRequest, atMost limit: Int = .max) {
        if request.header("Transfer-Encoding") == "chunked" {
            while let size = line().flatMap({ Int($0, radix: 16) }) {
                request.body += take(size)
                _ = line()
                if size == 0 { break }
            }
        } else {
            request.body = take(min(request.header("Content-Length").flatMap { Int($0) } ?? 0, limit))
        }
        report(request)
    }
}

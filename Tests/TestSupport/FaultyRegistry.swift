import Cryptography
import Linux
import OCI

/// A registry in memory that follows the specification but for the faults that a test wants.
///
/// It gives out the tokens that it wants to see itself, at `/token`.
public final class FaultyRegistry: Sendable {
    /// Whom it lets in.
    public enum Access: Sendable {
        /// Everybody.
        case open
        /// A user with a password.
        case basic(user: String, password: String)
        /// Who shows a token, which is given to a user with a password, or to everybody who says nothing wrong.
        /// A token is good for so many requests.
        case token(user: String? = nil, password: String = "", uses: Int = .max)
    }

    private struct State {
        var content: RegistryContent
        var faults: [RegistryFault]
        var hits: [Int]
        var exchanges: [RegistryExchange] = []
        /// What a token still allows.
        var tokens: [String: (uses: Int, scopes: [String])] = [:]
        var realm: String?
    }

    private let access: Access
    private let state: Monitor<State>
    private let server: Monitor<LoopbackServer?>
    /// Where it listens.
    public let port: Int

    /// Starts it; it ends with its owner.
    public init(
        _ faults: [RegistryFault] = [], access: Access = .open,
        content change: (inout RegistryContent) throws -> Void = { _ in }
    ) throws {
        var content = RegistryContent()
        try change(&content)
        self.access = access
        let state = Monitor(State(content: content, faults: faults, hits: faults.map { _ in 0 }))
        self.state = state
        let place = Monitor(0)
        let server = try LoopbackServer { connection in
            let port = place.wait { $0 > 0 ? $0 : nil }
            while let head = try connection.receiveHead() {
                let desk = RegistryDesk(access: access, port: port)
                guard try Self.serve(head, connection, state, desk) else { return }
            }
        }
        port = server.port
        place.update { $0 = server.port }
        self.server = Monitor(server)
    }

    /// `127.0.0.1` and the port: a registry as references have it.
    public var host: String { "127.0.0.1:\(port)" }

    /// Everything that was asked, in order.
    public var exchanges: [RegistryExchange] { state.update { $0.exchanges } }

    /// What was asked of the registry, without tokens: `GET /v2/ 200`.
    public var log: [String] { exchanges.map(\.description) }

    /// How many requests had this method and held this in their target.
    public func count(_ method: String, _ path: String) -> Int {
        exchanges.count { RegistryFault(method, path, 1...1, .close).fits($0) }
    }

    /// What it holds now.
    public var content: RegistryContent { state.update { $0.content } }

    /// Changes what it holds.
    public func change(_ body: (inout RegistryContent) throws -> Void) throws {
        try state.update { try body(&$0.content) }
    }

    /// Names another place as the one that gives out tokens.
    public func setRealm(_ realm: String) { state.update { $0.realm = realm } }

    // MARK: One request

    /// - Returns: Whether the connection goes on.
    private static func serve(
        _ head: ReceivedRequest, _ connection: ServerConnection, _ state: Monitor<State>, _ desk: RegistryDesk
    ) throws -> Bool {
        var request = head
        let fault = state.update { state -> RegistryFault.Action? in
            let exchange = RegistryExchange(head)
            for (place, fault) in state.faults.enumerated() where fault.fits(exchange) {
                state.hits[place] += 1
                if fault.times.contains(state.hits[place]) { return fault.action }
            }
            return nil
        }
        switch fault {
        case .close?, .reset?, .stall?:
            state.update { $0.exchanges.append(RegistryExchange(head)) }
            if case .reset? = fault { connection.reset() }
            if case .stall? = fault { while connection.skip() {} }
            return false
        case .resetInBody(let count)?:
            state.update { $0.exchanges.append(RegistryExchange(head)) }
            if head.header("Expect") != nil { try connection.send("HTTP/1.1 100 Continue\r\n\r\n") }
            connection.discard(count)
            connection.reset()
            return false
        default: break
        }
        if head.header("Expect")?.lowercased() == "100-continue" {
            try connection.send("HTTP/1.1 100 Continue\r\n\r\n")
        }
        connection.receiveBody(of: &request)
        let exchange = RegistryExchange(request)
        var reply = try state.update { state in
            var reply = try Self.reply(exchange, fault, &state, desk)
            if case .status(let status)? = fault { reply.status = status }
            var done = exchange
            done.status = reply.status
            state.exchanges.append(done)
            return reply
        }
        return try RegistryDesk.send(&reply, exchange, fault, connection)
    }

    private static func reply(
        _ exchange: RegistryExchange, _ fault: RegistryFault.Action?, _ state: inout State,
        _ desk: RegistryDesk
    ) throws -> RegistryContent.Reply {
        var exchange = exchange
        switch fault {
        case .answer(let status, let fields, let body)?:
            return .init(status: status, fields: fields, body: Array(body.utf8))
        case .redirect(let place, let status)?: return .init(status: status, fields: [("Location", place)])
        case .ignoreRange?: exchange = exchange.without("Range")
        case .jumpBack(let count)?: state.content.truncateUploads(to: count)
        case .forgetUpload?: state.content.forgetUploads()
        case .collect(let digest)?: state.content.collect(digest)
        default: break
        }
        if exchange.path == "/token" {
            return desk.token(exchange) { token, uses, scopes in state.tokens[token] = (uses, scopes) }
        }
        if let refusal = desk.refusal(
            of: exchange, state.realm,
            take: { token, scope in
                guard let known = state.tokens[token], known.uses > 0,
                    scope.map({ RegistryDesk.covers(known.scopes, $0) }) ?? true
                else { return false }
                state.tokens[token]?.uses -= 1
                return true
            })
        {
            return refusal
        }
        return try state.content.reply(to: exchange)
    }
}

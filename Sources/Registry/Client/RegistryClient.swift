import HTTP
import Linux
import OCI

/// Speaks to one registry, on one thread.
///
/// Every request is authorized, redirected and tried again here and nowhere else. Nothing that is foreign is
/// believed: what comes is bounded and compared with its digest.
///
/// Source: OCI distribution-spec v1.1.
public final class RegistryClient {
    /// What it shares with other threads.
    public let session: RegistrySession
    private let own: Connection
    private let others: Connection

    /// - Parameter session: What it shares with other threads.
    /// - Throws: `HTTPError` for certificates that cannot be used.
    public init(_ session: RegistrySession) throws {
        self.session = session
        own = try Connection(session.settings.connection) { try Interruption.check() }
        others = try Connection(session.settings.otherHosts) { try Interruption.check() }
    }

    /// A place of the API.
    func url(_ repository: String, _ rest: String) throws -> URL {
        try URL(session.origin, "/v2/\(repository)/\(rest)")
    }

    /// Whether there is a registry that lets us in.
    ///
    /// - Throws: ``RegistryError``, `HTTPError`.
    public func ping() throws {
        var ask = Ask(.get, try URL(session.origin, "/v2/"), [])
        ask.limit = 64 << 10
        let answer = try perform(ask)
        guard answer.response.isSuccess else { throw answer.refusal }
    }

    // MARK: A request, as often as it takes

    /// Asks until there is an answer that will not change by asking again.
    func perform(_ ask: Ask) throws -> Answer {
        try retrying(session.settings.backoff) { try authorized(ask) { _, _ in } }
    }

    /// Tries until it succeeds, fails for good, or the tries are used up.
    func retrying(_ backoff: Backoff, _ body: () throws -> Answer) throws -> Answer {
        var failures = 0
        while true {
            do {
                let answer = try body()
                guard answer.isTransient else { return answer }
                failures += 1
                guard try pause(backoff, failures, after: answer.response) else { return answer }
            } catch let error as HTTPError {
                failures += 1
                guard error.isTransient, try pause(backoff, failures, after: nil) else { throw error }
            }
        }
    }

    /// Waits before the next try; `false` where there shall be none.
    func pause(_ backoff: Backoff, _ failures: Int, after response: Response?) throws -> Bool {
        let now = Timestamp(seconds: Machine.now.seconds) ?? .epoch
        let asked = response?.headers["Retry-After"].flatMap { RetryAfter.seconds($0, now: now) }
        return try backoff.pause(afterFailures: failures, asked: asked)
    }

    /// Asks, and shows what the registry wants to see: at most two requests.
    ///
    /// - Parameters:
    ///   - ask: What is asked.
    ///   - receive: Gets a success's body in place of ``Answer/body``, unless ``Ask/limit`` keeps it.
    /// - Returns: The answer, a success or not.
    /// - Throws: ``RegistryError``, `HTTPError`, what `receive` throws.
    func authorized(_ ask: Ask, _ receive: (Response, Span<UInt8>) throws -> Void) throws -> Answer {
        var shown = try session.authorizer.authorization(for: ask.scopes, over: self)
        let answer = try exchange(ask, authorization: shown, receive)
        guard answer.status == 401, answer.url.origin == session.origin else { return answer }
        try session.authorizer.learn(from: answer, scopes: ask.scopes, refused: shown)
        shown = try session.authorizer.authorization(for: ask.scopes, over: self)
        let second = try exchange(ask, authorization: shown, receive)
        guard second.status == 401, second.url.origin == session.origin else { return second }
        let said = ErrorBody(parsing: second.body)
        throw RegistryError(
            second.method, second.url,
            .unauthorized(said.entries.isEmpty ? "what it wanted to see did not suffice" : "\(said)"))
    }

    /// Asks, and follows redirects; what authorizes stays at the origin that it is for.
    func exchange(
        _ ask: Ask, authorization: String?, followsRedirects: Bool = true,
        _ receive: (Response, Span<UInt8>) throws -> Void = { _, _ in }
    ) throws -> Answer {
        var ask = ask
        let first = ask.url.origin
        // An upload's place can be elsewhere, and what is shown is the registry's.
        let home = ask.scopes.isEmpty ? first : session.origin
        var isAtHome = first == home
        for _ in 0...Redirection.limit {
            let answer = try once(ask, isAtHome ? authorization : nil, receive)
            guard followsRedirects, Redirection.statuses.contains(answer.status),
                let location = answer.response.headers["Location"]
            else { return answer }
            let target = try Redirection.target(location, from: ask.url, registry: session.origin, ask.method)
            // Once away, always away: a redirect back shall not pick it up again.
            isAtHome = isAtHome && target.origin == home
            let changesMethod = answer.status == 303 || [301, 302].contains(answer.status)
            if changesMethod, ![.get, .head].contains(ask.method) { return answer }
            ask.url = target
        }
        throw RegistryError(ask.method, ask.url, .tooManyRedirects)
    }

    private func once(
        _ ask: Ask, _ authorization: String?, _ receive: (Response, Span<UInt8>) throws -> Void
    ) throws -> Answer {
        struct Enough: Error {}
        var request = Request(ask.method, ask.url, headers: ask.headers, body: ask.body)
        request.answerTimeout = ask.answerTimeout
        if let authorization { request.headers["Authorization"] = authorization }
        let connection = ask.url.origin.host == session.origin.host ? own : others
        var head: Response?
        var body: [UInt8] = []
        let take = { (bytes: Span<UInt8>) throws in
            guard let head else { return }
            if head.isSuccess, ask.limit == 0 { return try receive(head, bytes) }
            let limit = head.isSuccess ? ask.limit : ErrorBody.limit
            guard body.count + bytes.count <= limit else {
                throw head.isSuccess ? RegistryError(ask.method, ask.url, .tooLarge(limit: limit)) : Enough()
            }
            for place in bytes.indices { body.append(bytes[place]) }
        }
        do {
            if let stream = ask.stream {
                var offset: Int64 = 0
                try connection.perform(
                    request, streaming: stream.length,
                    from: { piece in
                        if offset < stream.length { try stream.read(offset, &piece) }
                        offset += Int64(piece.count)
                    }, head: { head = $0 }, receive: take)
            } else {
                try connection.perform(request, head: { head = $0 }, receive: take)
            }
        } catch let error {
            // A refusal that came before the connection broke says more than that it broke.
            guard let head, !head.isSuccess, error is Enough || error is HTTPError else { throw error }
        }
        guard let head else { throw RegistryError(ask.method, ask.url, .malformed("no answer")) }
        return Answer(method: ask.method, url: ask.url, response: head, body: body)
    }
}

extension URL {
    /// A path at an origin.
    init(_ origin: Origin, _ path: String) throws(URLError) {
        self = try URL(parsing: "\(origin)").at(path: path)
    }
}

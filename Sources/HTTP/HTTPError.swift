/// A request that got no whole response: what failed, where, and libcurl's own words.
public struct HTTPError: Error, Equatable, CustomStringConvertible {
    /// What failed, as far as the next step depends on it.
    public enum Kind: Sendable {
        /// The request is none that could be sent.
        case invalidRequest
        /// A file or a text of the settings cannot be used: a certificate, a key.
        case configuration
        /// The host has no address.
        case unresolved
        /// Nobody takes connections there.
        case unreachable
        /// No connection came about in time.
        case connectTimedOut
        /// The server's certificate is not to be trusted.
        case untrusted
        /// TLS failed otherwise.
        case tls
        /// The proxy refused, or failed.
        case proxy
        /// Too few bytes went either way for too long.
        case stalled
        /// The request's whole time is over.
        case deadlinePassed
        /// The connection ended in the middle.
        case broken
        /// The response's body ended before its announced end.
        case cutShort
        /// What came is not HTTP.
        case malformed
        /// The response's head, or the body where it was bounded, is too large.
        case tooLarge
        /// Memory is short, or libcurl failed in a way that it should not.
        case failed
    }

    /// What failed.
    public let kind: Kind
    /// Method and place, without the query.
    public let request: String
    /// Libcurl's words, or ours where it has none.
    public let reason: String

    init(_ kind: Kind, _ request: Request, _ reason: String) {
        (self.kind, self.request, self.reason) = (kind, request.description, reason)
    }

    /// Whether the same request may well succeed a little later.
    public var isTransient: Bool {
        switch kind {
        case .unresolved, .unreachable, .connectTimedOut, .stalled, .broken, .cutShort, .proxy: true
        case .invalidRequest, .configuration, .untrusted, .tls, .deadlinePassed, .malformed, .tooLarge,
            .failed:
            false
        }
    }

    /// One line, as the user reads it.
    public var description: String { "\(request): \(reason)" }
}

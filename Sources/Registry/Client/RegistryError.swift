import HTTP

/// A registry that did not do what it was asked: what, where, and why.
public struct RegistryError: Error, Equatable, CustomStringConvertible {
    /// Why.
    public enum Reason: Equatable, Sendable {
        /// It answered with a status that is no success, and perhaps with errors.
        case refused(status: Int, ErrorBody)
        /// It wants to see what there is not, or refused what was shown.
        case unauthorized(String)
        /// More redirects than are followed.
        case tooManyRedirects
        /// It names a place that is not gone to.
        case forbiddenTarget(String)
        /// It answered with something else than the protocol says.
        case malformed(String)
        /// More bytes than are read.
        case tooLarge(limit: Int)
        /// Bytes of another digest than they must have.
        case digestMismatch(expected: String, found: String)
        /// Another number of bytes than there must be.
        case sizeMismatch(expected: Int64, found: Int64)
        /// An upload that cannot be gone on with.
        case uploadLost(String)
    }

    /// The method: `PUT`.
    public let method: String
    /// The host, with the port where it is not the scheme's own.
    public let host: String
    /// The path, without the query.
    public let path: String
    /// Why.
    public let reason: Reason

    init(_ method: Request.Method, _ url: URL, _ reason: Reason) {
        (self.method, host, path) = (method.rawValue, url.origin.authority, url.path)
        self.reason = reason
    }

    /// The status, where it was the reason.
    public var status: Int? {
        if case .refused(let status, _) = reason { status } else { nil }
    }

    /// Whether the registry gave one of the specification's codes.
    public func has(_ code: String) -> Bool {
        if case .refused(_, let body) = reason { body.has(code) } else { false }
    }

    /// One line, as the user reads it.
    public var description: String { "\(method) \(host)\(path): \(words)" }

    private var words: String {
        switch reason {
        case .refused(let status, let body):
            "the registry answers \(status)" + (body.entries.isEmpty ? "" : ": \(body)")
        case .unauthorized(let why): "not authorized: \(why)"
        case .tooManyRedirects: "more than \(Redirection.limit) redirects"
        case .forbiddenTarget(let why): "the registry leads to a place that is not gone to: \(why)"
        case .malformed(let why): "the registry's answer cannot be used: \(why)"
        case .tooLarge(let limit): "the answer is larger than \(limit) bytes"
        case .digestMismatch(let expected, let found): "\(expected) expected, \(found) found"
        case .sizeMismatch(let expected, let found): "\(expected) bytes expected, \(found) found"
        case .uploadLost(let why): "the upload cannot go on: \(why)"
        }
    }
}

/// What is asked of a server, but for a body that comes as a stream.
public struct Request: Sendable {
    /// What is to be done.
    ///
    /// Source: RFC 9110, section 9.3; RFC 5789.
    public enum Method: String, Sendable {
        /// Reads.
        case get = "GET"
        /// Reads all but the body.
        case head = "HEAD"
        /// Begins something.
        case post = "POST"
        /// Stores.
        case put = "PUT"
        /// Appends.
        case patch = "PATCH"
        /// Removes.
        case delete = "DELETE"
    }

    /// What is to be done.
    public var method: Method
    /// Where.
    public var url: URL
    /// Fields beside those that libcurl writes: `Host`, `Content-Length`, `Transfer-Encoding`.
    public var headers: Headers
    /// The body, where it is at hand; `nil` for none.
    public var body: [UInt8]?
    /// How long the server may be silent once everything was sent; the connection's own limit where `nil`.
    public var answerTimeout: Duration?
    /// How long all of it may take; for ever where `nil`.
    public var deadline: Duration?

    /// Asks without a time limit on the whole.
    public init(_ method: Method, _ url: URL, headers: Headers = [:], body: [UInt8]? = nil) {
        (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
    }
}

extension Request: CustomStringConvertible, CustomReflectable {
    /// Method and place, without what may be secret.
    public var description: String { "\(method.rawValue) \(url)" }
    /// Nothing: a dump shows no secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a server answered, but for the body.
public struct Response: Sendable {
    /// The protocol that was spoken.
    public enum Version: String, Sendable {
        /// HTTP/1.0.
        case http10 = "HTTP/1.0"
        /// HTTP/1.1.
        case http11 = "HTTP/1.1"
        /// HTTP/2.
        case http2 = "HTTP/2"
    }

    /// 200 to 599 where the server keeps to the rules; three digits in any case.
    public let status: Int
    /// The protocol.
    public let version: Version
    /// The fields; their values may be secrets.
    public internal(set) var headers: Headers
    /// Bytes of the request's body that went out.
    public internal(set) var bytesSent: Int64 = 0
    /// Bytes of the response's body that came in.
    public internal(set) var bytesReceived: Int64 = 0

    /// Whether the status is 200 to 299.
    public var isSuccess: Bool { (200...299).contains(status) }

    /// The length that the server announced; `nil` where it announced none, or none that is a number.
    public var contentLength: Int64? {
        headers["Content-Length"].flatMap { text in
            text.utf8.allSatisfy(\.isDigit) ? Int64(text) : nil
        }
    }

    init(status: Int, version: Version, headers: Headers = Headers()) {
        (self.status, self.version, self.headers) = (status, version, headers)
    }
}

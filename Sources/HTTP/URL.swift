/// A place that a request goes to: `http` or `https`, a host, a port, a path and a query.
///
/// Strict where programs disagree: user names, spaces, backslashes, and numbers for hosts in another
/// form than four decimal ones are refused. A fragment is dropped, for it is never sent.
///
/// Source: RFC 3986, sections 3 and 5; RFC 9110, section 4.2.
public struct URL: Hashable, Sendable {
    /// How the host is spoken to.
    public enum Scheme: String, Sendable {
        /// In the clear.
        case http
        /// Over TLS.
        case https

        /// The port where none is written.
        public var defaultPort: Int { self == .http ? 80 : 443 }
    }

    /// Scheme, host and port: what a secret for one of them must not leave.
    public struct Origin: Hashable, Sendable, CustomStringConvertible {
        /// How the host is spoken to.
        public let scheme: Scheme
        /// The host in small letters; an IPv6 address in brackets.
        public let host: String
        /// 1 to 65,535.
        public let port: Int

        /// `https://host`, with the port where it is not the scheme's own.
        public var description: String { "\(scheme.rawValue)://\(authority)" }

        /// The host, with the port where it is not the scheme's own.
        public var authority: String { port == scheme.defaultPort ? host : "\(host):\(port)" }
    }

    /// Scheme, host and port.
    public let origin: Origin
    /// The path as it stood, percent signs and all; begins with `/`.
    public let path: String
    /// What stood behind the question mark, where there was one; a signed URL's signature is a secret.
    public let query: String?

    /// The most bytes of a URL.
    public static let limit = 16 << 10

    /// Reads an absolute URL.
    ///
    /// - Throws: ``URLError``.
    public init(parsing text: String) throws(URLError) {
        try Self.check(text)
        let (scheme, rest) = Self.splitScheme(text)
        guard let scheme else { throw URLError("it does not begin with http:// or https://") }
        guard let scheme = Scheme(rawValue: scheme) else {
            throw URLError("\(scheme) is neither http nor https")
        }
        guard rest.hasPrefix("//") else { throw URLError("// and a host are missing") }
        let parts = Parts(rest)
        origin = try Origin(scheme: scheme, authority: parts.authority ?? "")
        path = parts.path.isEmpty ? "/" : Self.withoutDotSegments(parts.path)
        query = parts.query.map(String.init)
    }

    init(origin: Origin, path: String, query: String?) {
        (self.origin, self.path, self.query) = (origin, path.isEmpty ? "/" : path, query)
    }

    /// The same origin with another path and no query.
    ///
    /// - Throws: ``URLError`` for a path that does not begin with `/`, or holds what no URL may.
    public func at(path: String) throws(URLError) -> URL {
        try Self.check(path)
        guard path.hasPrefix("/"), !path.utf8.contains(where: { "?#".utf8.contains($0) }) else {
            throw URLError("a path begins with / and holds neither ? nor #")
        }
        return URL(origin: origin, path: path, query: nil)
    }

    /// The same place with one more parameter behind those of the query.
    public func adding(_ name: String, _ value: String) -> URL {
        let parameter = "\(Self.encoded(name))=\(Self.encoded(value))"
        return URL(
            origin: origin, path: path,
            query: query.flatMap { $0.isEmpty ? nil : "\($0)&\(parameter)" } ?? parameter)
    }

    /// The whole text, with the query: for the wire, not for messages.
    public var text: String { "\(origin)\(path)" + (query.map { "?" + $0 } ?? "") }

    /// A text with everything but letters, digits and `-._~` as percent signs and digits.
    ///
    /// Source: RFC 3986, section 2.3.
    public static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}

extension URL: CustomStringConvertible {
    /// The place without its query, for messages.
    public var description: String { "\(origin)\(path)" }
}

/// A text that is no URL which this package goes to.
public struct URLError: Error, Equatable, CustomStringConvertible {
    /// Why; the text itself may hold secrets and is not repeated.
    public let reason: String

    init(_ reason: String) { self.reason = reason }

    /// One line, as the user reads it.
    public var description: String { "not a URL to go to: \(reason)" }
}

extension URL {
    /// Where a reference in a response leads to, seen from this place: a `Location`, a `Link`.
    ///
    /// Source: RFC 3986, section 5.2.
    ///
    /// - Throws: ``URLError``.
    public func resolving(_ reference: String) throws(URLError) -> URL {
        try Self.check(reference)
        let (scheme, rest) = Self.splitScheme(reference)
        guard scheme == nil else { return try URL(parsing: reference) }
        let parts = Parts(rest)
        let query = parts.query.map(String.init)
        if let authority = parts.authority {
            return URL(
                origin: try Origin(scheme: origin.scheme, authority: authority),
                path: Self.withoutDotSegments(parts.path), query: query)
        }
        if parts.path.isEmpty {
            return URL(origin: origin, path: path, query: query ?? self.query)
        }
        if parts.path.hasPrefix("/") {
            return URL(origin: origin, path: Self.withoutDotSegments(parts.path), query: query)
        }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return URL(origin: origin, path: Self.withoutDotSegments(folder + parts.path), query: query)
    }

    /// What a text must be before it is taken apart.
    static func check(_ text: String) throws(URLError) {
        guard text.utf8.count <= limit else { throw URLError("it is longer than \(limit) bytes") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw URLError("it holds a space, a backslash or another character that no URL has")
        }
        let bytes = Array(text.utf8)
        for (place, byte) in bytes.enumerated() where byte == UInt8(ascii: "%") {
            guard bytes.count > place + 2, bytes[place + 1].isHexDigit, bytes[place + 2].isHexDigit else {
                throw URLError("after % come two hexadecimal digits")
            }
        }
    }

    /// The scheme in small letters, where there is one, and what is behind its colon.
    static func splitScheme(_ text: String) -> (scheme: String?, rest: Substring) {
        guard let colon = text.firstIndex(of: ":"), let first = text.utf8.first, first.isLetter,
            text[..<colon].utf8.allSatisfy({ $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) })
        else { return (nil, text[...]) }
        return (text[..<colon].lowercased(), text[text.index(after: colon)...])
    }

    /// A path in which `.` and `..` have been followed.
    ///
    /// Source: RFC 3986, section 5.2.4.
    static func withoutDotSegments(_ path: some StringProtocol) -> String {
        var segments: [Substring] = []
        let all = Substring(path).split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (place, segment) in zip(all.indices, all) {
            let isLast = place == all.endIndex - 1
            switch segment {
            case ".": if isLast { segments.append("") }
            case "..":
                _ = segments.popLast()
                if isLast { segments.append("") }
            default: segments.append(segment)
            }
        }
        return "/" + segments.joined(separator: "/")
    }

    /// What stands behind the scheme.
    struct Parts {
        let authority: Substring?
        let path: Substring
        let query: Substring?

        init(_ text: Substring) {
            var rest = text.firstIndex(of: "#").map { text[..<$0] } ?? text
            if let mark = rest.firstIndex(of: "?") {
                (query, rest) = (rest[rest.index(after: mark)...], rest[..<mark])
            } else {
                query = nil
            }
            guard rest.hasPrefix("//") else {
                (authority, path) = (nil, rest)
                return
            }
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            (authority, path) = (rest[..<end], rest[end...])
        }
    }
}

extension URL.Origin {
    /// Reads `host`, `host:port`, `[::1]:port`.
    ///
    /// - Throws: ``URLError``.
    public init(scheme: URL.Scheme, authority: some StringProtocol) throws(URLError) {
        let text = authority.lowercased()
        guard !text.contains("@") else { throw URLError("a user name or a password stands before the host") }
        var host = text[...]
        var port = scheme.defaultPort
        let lastBracket = text.lastIndex(of: "]") ?? text.startIndex
        if let colon = text[lastBracket...].firstIndex(of: ":") {
            let digits = text[text.index(after: colon)...]
            host = text[..<colon]
            if !digits.isEmpty {
                guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ $0.isDigit }),
                    let number = Int(digits),
                    (1...65_535).contains(number)
                else { throw URLError("a port is a number from 1 to 65535") }
                port = number
            }
        }
        guard AddressScope.isHost(host) else { throw URLError("the host is missing or is none") }
        (self.scheme, self.host, self.port) = (scheme, String(host), port)
    }
}

extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
    var isHexDigit: Bool { isDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self) }
}

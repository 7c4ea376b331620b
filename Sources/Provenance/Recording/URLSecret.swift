/// A secret inside a URL inside a text, by its place in the text's bytes.
///
/// A URL begins at a scheme and `://` and ends before a space, a control character, `"`, `<`,
/// `>` or a back quote.
///
/// Source: RFC 3986, sections 3.2 to 3.5.
struct URLSecret {
    enum Kind {
        /// What stands before the host, with its `@`.
        case userInformation(hasPassword: Bool)
        /// The value of a parameter whose name says that it is secret.
        case parameter
    }

    let kind: Kind
    let range: Range<Int>

    /// All secrets of a text, by their first byte; one may reach into the next.
    ///
    /// Takes time in proportion to the text, whatever it holds.
    static func all(in bytes: [UInt8]) -> [URLSecret] {
        var secrets: [URLSecret] = []
        var place = 0
        var end = 0
        while let start = nextAuthority(in: bytes, from: place) {
            place = start
            let isNewRun = start >= end
            if isNewRun { end = bytes[start...].firstIndex(where: endsURL) ?? bytes.count }
            if let at = endOfUserInformation(in: bytes, start..<end) {
                let colon = bytes[start..<at].firstIndex(of: UInt8(ascii: ":"))
                let kind = Kind.userInformation(hasPassword: colon.map { $0 + 1 < at } ?? false)
                secrets.append(URLSecret(kind: kind, range: start..<at + 1))
                place = at + 1
            }
            // A second URL in the same run shares its parameters, which are judged once.
            if isNewRun { secrets += parameters(in: bytes, place..<end) }
        }
        return secrets.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    private static func nextAuthority(in bytes: [UInt8], from place: Int) -> Int? {
        var slash = place + 1
        while slash + 1 < bytes.count {
            if bytes[slash] == UInt8(ascii: "/"), bytes[slash + 1] == UInt8(ascii: "/"), slash >= 2,
                bytes[slash - 1] == UInt8(ascii: ":"), isScheme(bytes[slash - 2])
            {
                return slash + 2
            }
            slash += 1
        }
        return nil
    }

    /// The place of the `@` that ends the user information.
    private static func endOfUserInformation(in bytes: [UInt8], _ url: Range<Int>) -> Int? {
        let authority = url.lowerBound..<(bytes[url].firstIndex(where: endsAuthority) ?? url.upperBound)
        if let at = bytes[authority].lastIndex(of: UInt8(ascii: "@")) { return at }
        // Passwords with a raw / or # in them are not URLs, but people write them and some clients take
        // them; they show as a port that is no number.
        guard let colon = bytes[authority].lastIndex(of: UInt8(ascii: ":")),
            bytes[authority].last != UInt8(ascii: "]"),
            !bytes[colon + 1..<authority.upperBound].allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let rest = bytes[authority.upperBound..<min(url.upperBound, authority.upperBound + longestPassword)]
        return rest.firstIndex(of: UInt8(ascii: "@"))
    }

    /// Bounds the search of one URL, for a run may hold any number of them.
    private static let longestPassword = 256

    private static func parameters(in bytes: [UInt8], _ range: Range<Int>) -> [URLSecret] {
        var secrets: [URLSecret] = []
        guard var place = bytes[range].firstIndex(where: beginsParameters) else { return [] }
        while place < range.upperBound {
            let name = place + 1
            place = bytes[name..<range.upperBound].firstIndex(where: separatesParameters) ?? range.upperBound
            guard let equals = bytes[name..<place].firstIndex(of: UInt8(ascii: "=")), equals + 1 < place,
                !bytes[equals + 1..<place].elementsEqual(Redaction.redacted.utf8)
            else { continue }
            let text = PercentEncoding.decoded(String(decoding: bytes[name..<equals], as: UTF8.self))
            guard Redaction.looksSecret(name: text) || Redaction.isSignature(name: text) else { continue }
            secrets.append(URLSecret(kind: .parameter, range: equals + 1..<place))
        }
        return secrets
    }

    private static func isScheme(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "+-.".utf8.contains(byte)
        }
    }

    private static func endsURL(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x7F || "\"<>`".utf8.contains(byte)
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool { "/?#\\".utf8.contains(byte) }

    private static func beginsParameters(_ byte: UInt8) -> Bool { "?#".utf8.contains(byte) }

    private static func separatesParameters(_ byte: UInt8) -> Bool { "&;?#".utf8.contains(byte) }
}

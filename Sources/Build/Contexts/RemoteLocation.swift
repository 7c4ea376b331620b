import Cryptography
import HTTP
import Provenance
import Registry

/// A file that a server has, and the login that stood in its URL.
///
/// Source: RFC 3986, section 3.2.1; RFC 7617.
struct RemoteLocation: Sendable, CustomStringConvertible {
    /// Where it is, without the login.
    let url: URL
    /// What is shown to the URL's own origin, and to no other.
    let login: Credential?

    /// Reads a URL, `http://` or `https://`.
    ///
    /// - Throws: `URLError` and ``BuildError/usage(_:_:)``, which repeat nothing of the login; `CryptographyError`
    ///   without memory.
    init(parsing text: String) throws {
        let (plain, login) = try Self.split(text)
        url = try URL(parsing: plain)
        self.login = login
    }

    /// Takes `user:password@` out of a URL.
    static func split(_ text: String) throws -> (plain: String, login: Credential?) {
        guard let start = text.firstRange(of: "://")?.upperBound else { return (text, nil) }
        let end = text[start...].firstIndex { "/?#".contains($0) } ?? text.endIndex
        guard let at = text[start..<end].lastIndex(of: "@") else { return (text, nil) }
        let parts = text[start..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let user = PercentEncoding.decoded(String(parts[0]))
        var password = Array(PercentEncoding.decoded(parts.count > 1 ? String(parts[1]) : "").utf8)
        defer { password.wipe() }
        let plain = String(text[..<start] + text[text.index(after: at)...])
        // In a header, and in what git is told, a line's end would begin something else.
        guard !(Array(user.utf8) + password).contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw BuildError.usage("URL", "a login holds no control characters")
        }
        guard !user.isEmpty || !password.isEmpty else { return (plain, nil) }
        return (plain, .basic(user: user, password: try SecretBytes(password.span)))
    }

    /// The place for messages: no login, no query.
    var description: String { url.description }

    /// The place for provenance: no login, and secret parameters redacted.
    var publicURL: String { Redaction.withoutUserInformation(url.text) }
}

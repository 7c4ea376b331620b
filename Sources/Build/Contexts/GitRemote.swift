import HTTP
import Registry

/// Where a repository is, as git can be told on a command line that everybody reads.
///
/// Source: git-clone(1), "Git URLs".
struct GitRemote {
    /// Why a text is none.
    struct Mistake: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    let transport: GitLocation.Transport
    /// The URL without what is secret in it.
    let text: String
    /// Where a login is shown: `http` and `https` only.
    let origin: URL.Origin?
    let login: Credential?

    /// - Throws: ``Mistake``, `URLError`.
    init(parsing text: String) throws {
        guard text.utf8.count <= URL.limit, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Mistake("a repository's URL has no space, no control character and no end of its own")
        }
        guard let mark = text.firstRange(of: "://") else {
            try self.init(secureCopy: text)
            return
        }
        guard let transport = GitLocation.Transport(rawValue: text[..<mark.lowerBound].lowercased()) else {
            throw Mistake("git goes by https, http, ssh, git or file")
        }
        let rest = text[mark.upperBound...]
        switch transport {
        case .https, .http:
            let place = try RemoteLocation(parsing: text)
            guard place.url.query == nil else { throw Mistake("a repository has no query; write #REF:DIR") }
            guard place.url.path != "/" else { throw Mistake("no repository follows the host") }
            self.init(transport, place.url.text, place.url.origin, place.login)
        case .file:
            guard rest.hasPrefix("/") else { throw Mistake("file:// is followed by an absolute path") }
            self.init(transport, text)
        case .ssh, .git:
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            guard rest[slash...].contains(where: { $0 != "/" }) else {
                throw Mistake("no repository follows the host")
            }
            try Self.check(authority: rest[..<slash], transport)
            self.init(transport, text)
        }
    }

    private init(
        _ transport: GitLocation.Transport, _ text: String, _ origin: URL.Origin? = nil,
        _ login: Credential? = nil
    ) {
        (self.transport, self.text, self.origin, self.login) = (transport, text, origin, login)
    }

    /// Reads `user@host:path`.
    private init(secureCopy text: String) throws {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        let path = text[colon...].dropFirst()
        guard GitLocation.isSecureCopy(text), !path.isEmpty, !path.hasPrefix("-") else {
            throw Mistake("write user@host:path")
        }
        try Self.check(authority: text[..<colon], .ssh)
        self.init(.ssh, text)
    }

    /// A program that is told a host must not take it for a flag.
    private static func check(authority: Substring, _ transport: GitLocation.Transport) throws {
        let at = authority.lastIndex(of: "@")
        let host = at.map { authority[authority.index(after: $0)...] } ?? authority
        if let at {
            let user = authority[..<at]
            guard !user.contains(":") else {
                throw Mistake("SSH takes no password from a URL; give it a key")
            }
            guard transport == .ssh, GitLocation.isName(user), !user.isEmpty, !user.hasPrefix("-") else {
                throw Mistake("what stands before the host is no user's name")
            }
        }
        guard !host.hasPrefix("-") else { throw Mistake("the host begins with -") }
        _ = try URL.Origin(scheme: .https, authority: host)
    }
}

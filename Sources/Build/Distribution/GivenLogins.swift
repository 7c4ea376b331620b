import Cryptography
import Registry

/// Logins that a caller has in memory, for one run: no file, no argument and no child program sees them.
public struct GivenLogins: Sendable {
    private var logins: [(key: AuthKey, credential: Credential, source: String)] = []
    private var document: (content: SecretBytes, name: String)?

    /// None.
    public init() {}

    /// Adds one; for the same key the last counts.
    ///
    /// - Parameters:
    ///   - credential: What is shown.
    ///   - key: To which registry, or to which repositories of it.
    ///   - source: Where it is from, for messages.
    mutating func add(_ credential: Credential, for key: AuthKey, from source: String) {
        logins.append((key, credential, source))
    }

    /// Sets what Docker's `config.json` would hold.
    mutating func set(document: SecretBytes, named name: String) { self.document = (document, name) }

    /// Puts them before all others.
    ///
    /// - Throws: `CredentialError/malformed(_:reason:)`.
    func give(to credentials: inout Credentials) throws(CredentialError) {
        for login in logins { credentials.give(login.credential, for: login.key, from: login.source) }
        if let document { try credentials.give(document: document.content, named: document.name) }
    }
}

import Cryptography
import OCI

/// A document of credentials: Docker's `config.json`, or containers' `auth.json`.
///
/// What else the document holds is kept as it is.
///
/// Source: docker(1), "Configuration files"; containers-auth.json(5).
public struct AuthFile: Sendable {
    /// Where a registry's credential is, as far as the document knows.
    enum Entry {
        /// In the document.
        case credential(Credential)
        /// With a program: the word behind `docker-credential-`, and what it calls the registry.
        case program(String, server: String)
    }

    /// The most bytes of a document.
    public static let limit = 1 << 20
    private static let limits = JSONLimits(bytes: limit, depth: 64, values: 100_000)

    /// What the document is called in messages.
    let name: String
    /// All of it.
    private(set) var document: JSONObject

    /// Reads a document; an empty one has no credentials.
    ///
    /// - Parameters:
    ///   - bytes: All of it.
    ///   - name: What it is called in messages.
    /// - Throws: ``CredentialError/malformed(_:reason:)``, without any of the content.
    public init(parsing bytes: [UInt8], named name: String) throws(CredentialError) {
        self.name = name
        guard !bytes.allSatisfy({ [0x09, 0x0A, 0x0D, 0x20].contains($0) }) else {
            document = JSONObject()
            return
        }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes, limits: Self.limits)
        } catch {
            // The reader's words may repeat a key or a byte.
            throw .malformed(name, reason: "no JSON from line \(error.line), byte \(error.column) on")
        }
        guard let object = json.object else { throw .malformed(name, reason: "it is no JSON object") }
        document = object
    }

    /// The same for a document that somebody keeps in memory.
    init(secret: SecretBytes, named name: String) throws(CredentialError) {
        var bytes = secret.withSpan { span in span.indices.map { span[$0] } }
        defer { bytes.wipe() }
        try self.init(parsing: bytes, named: name)
    }

    /// What the document says of a repository: the program for its registry, else the entry whose path is the
    /// longest, else the program for all registries.
    ///
    /// - Throws: ``CredentialError/malformed(_:reason:)``, `CryptographyError` without memory.
    func entries(for key: AuthKey) throws -> [Entry] {
        var entries: [Entry] = []
        let registry = AuthKey(registry: key.registry)
        if let program = try program(for: registry) {
            entries.append(.program(program, server: registry.server))
        }
        for key in key.ancestors {
            if let credential = try credential(for: key) {
                entries.append(.credential(credential))
                break
            }
        }
        if let store = try word("credsStore") { entries.append(.program(store, server: registry.server)) }
        return entries
    }

    /// The program that one registry's logins are with; `""` says that there is none.
    func program(for registry: AuthKey) throws(CredentialError) -> String? {
        guard let programs = try object("credHelpers") else { return nil }
        let member = Self.members(of: programs, for: registry).first
        guard let member else { return nil }
        guard let word = member.value.string else {
            throw .malformed(
                name, reason: "credHelpers has something else than a program's name for \(registry)")
        }
        return word.isEmpty ? nil : word
    }

    /// The program that all logins are with.
    func word(_ member: String) throws(CredentialError) -> String? {
        guard let value = document[member], !value.isNull else { return nil }
        guard let word = value.string else { throw .malformed(name, reason: "\(member) is no string") }
        return word.isEmpty ? nil : word
    }

    private func object(_ member: String) throws(CredentialError) -> JSONObject? {
        guard let value = document[member], !value.isNull else { return nil }
        guard let object = value.object else { throw .malformed(name, reason: "\(member) is no object") }
        return object
    }

    /// The members for a key, the one that is written just so first.
    private static func members(of object: JSONObject, for key: AuthKey) -> [JSONObject.Member] {
        let all = object.members.filter { AuthKey(parsing: $0.key) == key }
        let exact = [key.server, key.description]
        return all.filter { exact.contains($0.key) } + all.filter { !exact.contains($0.key) }
    }

    private func credential(for key: AuthKey) throws -> Credential? {
        guard let auths = try object("auths") else { return nil }
        for member in Self.members(of: auths, for: key) {
            guard let entry = member.value.object else {
                throw CredentialError.malformed(name, reason: "the entry for \(key) is no object")
            }
            if let credential = try credential(of: entry, key) { return credential }
        }
        return nil
    }

    /// An entry's credential; one without any is what Docker leaves where a program has it.
    private func credential(of entry: JSONObject, _ key: AuthKey) throws -> Credential? {
        func text(_ member: String) throws(CredentialError) -> String? {
            guard let value = entry[member], !value.isNull else { return nil }
            guard let text = value.string else {
                throw .malformed(name, reason: "\(member) in the entry for \(key) is no string")
            }
            return text.isEmpty ? nil : text
        }
        if let token = try text("registrytoken") { return .registryToken(try SecretBytes(token)) }
        if let token = try text("identitytoken") { return .identityToken(try SecretBytes(token)) }
        if let user = try text("username") {
            return try Self.credential(user: user, password: SecretBytes(text("password") ?? ""))
        }
        guard let pair = try text("auth") else { return nil }
        guard let credential = try Self.credential(base64: pair) else {
            throw CredentialError.malformed(
                name, reason: "auth in the entry for \(key) is not USER:PASSWORD in base64")
        }
        return credential
    }

    /// Reads `user:password` in base64; lines may be broken.
    private static func credential(base64 text: String) throws -> Credential? {
        let letters = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
        guard let pair = try Base64.secretBytes(letters) else { return nil }
        let colon = pair.withSpan { span in span.indices.first { span[$0] == UInt8(ascii: ":") } }
        guard let colon, colon > 0 else { return nil }
        // Docker pads passwords with zeros.
        let end = pair.withSpan { span in span.indices.last { span[$0] != 0 }.map { $0 + 1 } ?? 0 }
        let user = pair.withSpan { span in String(validating: (0..<colon).map { span[$0] }, as: UTF8.self) }
        guard let user else { return nil }
        let password = try pair.withSpan { span in
            try SecretBytes(span.extracting((colon + 1)..<max(end, colon + 1)))
        }
        return credential(user: user, password: password)
    }

    static func credential(user: String, password: SecretBytes) -> Credential {
        user == Credential.tokenUser ? .identityToken(password) : .basic(user: user, password: password)
    }

    // MARK: Changes

    /// Puts a credential in place of what the document has for exactly this key; `nil` takes that away.
    ///
    /// - Returns: Whether the document is another one now.
    /// - Throws: ``CredentialError/malformed(_:reason:)``.
    mutating func set(_ entry: JSONObject?, for key: AuthKey) throws(CredentialError) -> Bool {
        var auths = try object("auths") ?? JSONObject()
        let old = Self.members(of: auths, for: key)
        guard entry != nil || !old.isEmpty else { return false }
        for member in old { auths[member.key] = nil }
        if let entry {
            // Members of no meaning here, such as an address, stay.
            var kept = old.first?.value.object ?? JSONObject()
            for member in ["auth", "username", "password", "identitytoken", "registrytoken"] {
                kept[member] = nil
            }
            for member in entry.members { kept[member.key] = member.value }
            auths[key.server] = .object(kept)
        }
        document["auths"] = .object(auths)
        return true
    }
}

import Cryptography
import HTTP
import Linux
import OCI
import Registry
import SystemPackage

/// Logs in to registries, and out of them.
public struct RegistryLogin {
    private let registries: Registries
    private let login: Login

    /// Gets ready; nobody is spoken to yet.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``, `CredentialError/nowhereToStore`.
    public init(_ settings: DistributionSettings) throws {
        registries = try Registries(settings)
        login = try Login(DistributionSettings.places, withheld: KeySettings.secretVariables.sorted())
    }

    /// Tries a login, and keeps it where the registry takes it.
    ///
    /// - Parameters:
    ///   - registry: Its host, or a path below it that the login is for.
    ///   - user: The user's name.
    ///   - password: Where the password comes from.
    /// - Returns: Where the login is now: a file's path, or a program's name.
    /// - Throws: ``BuildError``, `RegistryError`, `HTTPError`, `CredentialError`, `FileError`.
    public func login(_ registry: String, user: String, password: LoginPassword) throws -> [UInt8] {
        let key = try Self.key(registry)
        let credential = Credential.basic(user: user, password: try password.read(for: registry))
        try registries.ping(key.registry, showing: credential)
        switch try login.store(credential, for: key) {
        case .file(let path): return path.bytes
        case .program(let name): return Array(name.utf8)
        }
    }

    /// Forgets a login.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: ``BuildError``, `CredentialError`, `FileError`.
    public func logout(_ registry: String) throws -> Bool { try login.erase(Self.key(registry)) }

    private static func key(_ text: String) throws -> AuthKey {
        guard !text.contains("@") else {
            throw BuildError.usage("registry", "it is named without a user; --username says who")
        }
        let key = AuthKey(parsing: text)
        guard (try? Reference(parsing: "\(key.registry)/a"))?.registry == key.registry else {
            throw BuildError.usage(
                "registry", "\(text.quoted) is none; write registry.example.com:5000, without https://")
        }
        return key
    }
}

/// Where the password of a login comes from.
public enum LoginPassword: Sendable {
    /// All of standard input, but for newlines at its end.
    case standardInput
    /// A person at the terminal.
    case prompt
    /// Said already.
    case text(String)

    func read(for registry: String) throws -> SecretBytes {
        switch self {
        case .text(let text):
            var bytes = Array(text.utf8)
            defer { bytes.wipe() }
            return try SecretBytes(bytes.span)
        case .prompt: return try SecretInput.typed("password for \(escaped(registry.utf8)): ")
        case .standardInput:
            guard let password = try SecretInput.all(droppingNewlines: .max), password.count > 0 else {
                throw BuildError.password("standard input holds none")
            }
            return password
        }
    }
}

public import Cryptography
import Linux

/// Credentials that the environment holds: `VARVE_<HOST>_USER` with `VARVE_<HOST>_PASSWORD`, and `DOCKER_AUTH_CONFIG`.
///
/// `<HOST>` is the registry in capitals, with `-` as `__` and everything else that is no letter and no digit as `_`:
/// `VARVE_REGISTRY_EXAMPLE_COM_5000_USER` is for `registry.example.com:5000`. The two underscores keep
/// `registry-example.com`, which somebody else may own, from getting what is meant for `registry.example.com`.
/// Docker Hub is `VARVE_DOCKER_IO_USER`. `DOCKER_AUTH_CONFIG` holds what Docker's `config.json` would.
///
/// `KANIKO_<HOST>_USER` and its password, of Kaniko's fork, come after them: there `-` is one `_` as well, and a name
/// that has fewer of the host's labels in front, two at least, stands for all hosts below it.
public struct CredentialVariables: Sendable {
    /// The variable with a whole document.
    static let document = "DOCKER_AUTH_CONFIG"

    private var values: [String: SecretBytes]

    /// None.
    public init() { values = [:] }

    /// Takes all of them out of the environment, so that no program that is started later has them.
    ///
    /// To be called while the process has one thread, and once.
    ///
    /// - Throws: `CryptographyError` without memory.
    public static func take() throws -> CredentialVariables {
        var variables = CredentialVariables()
        for name in ProcessArguments.variableNames where isCredential(name) {
            if let value = try SecretVariable.take(name, { try SecretBytes($0) }) {
                variables.values[name] = value
            }
        }
        return variables
    }

    /// Whether a variable holds a secret of this kind, and must not be copied anywhere.
    public static func isCredential(_ name: String) -> Bool {
        guard name != document else { return true }
        guard let owner = ["VARVE_", "KANIKO_"].first(where: name.hasPrefix) else { return false }
        let middle = name.dropFirst(owner.utf8.count)
        return ["_PASSWORD", "_USER"].contains { middle.hasSuffix($0) && middle.utf8.count > $0.utf8.count }
    }

    /// The same with another one, for who does not take them from the environment.
    public mutating func set(_ name: String, _ value: SecretBytes) { values[name] = value }

    /// The name without its end that a registry's variables have.
    static func prefix(of registry: String) -> String {
        var name = "VARVE_"
        for byte in AuthKey(registry: registry).registry.uppercased().utf8 {
            switch byte {
            case 48...57, 65...90: name.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "-"): name += "__"
            default: name += "_"
            }
        }
        return name
    }

    /// A registry's login, and the name of the variable it is from.
    ///
    /// Two empty variables are none: that is how continuous integration passes on a secret it does not have.
    ///
    /// - Throws: ``CredentialError/incompleteVariables(missing:present:)``.
    func credential(for registry: String) throws(CredentialError) -> (Credential, source: String)? {
        for prefix in [Self.prefix(of: registry)] + Self.kanikoPrefixes(of: registry) {
            if let found = try credential(behind: prefix) { return found }
        }
        return nil
    }

    /// Source: the fork of Kaniko, README, `--credential-helpers`, "env".
    private static func kanikoPrefixes(of registry: String) -> [String] {
        let host = AuthKey(registry: registry).registry.uppercased()
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return (0...max(labels.count - 2, 0)).map { first in
            let name = labels[first...].joined(separator: ".").utf8.map { byte -> Character in
                switch byte {
                case 48...57, 65...90: Character(Unicode.Scalar(byte))
                default: "_"
                }
            }
            return "KANIKO_" + String(name)
        }
    }

    private func credential(
        behind prefix: String
    ) throws(CredentialError) -> (Credential, source: String)? {
        let (userName, passwordName) = (prefix + "_USER", prefix + "_PASSWORD")
        let user = values[userName].flatMap { $0.count == 0 ? nil : $0 }
        let password = values[passwordName].flatMap { $0.count == 0 ? nil : $0 }
        guard user != nil || password != nil else { return nil }
        guard let user else { throw .incompleteVariables(missing: userName, present: passwordName) }
        guard let password else { throw .incompleteVariables(missing: passwordName, present: userName) }
        return (AuthFile.credential(user: user.text, password: password), source: userName)
    }

    /// The document of ``document``, where there is one.
    ///
    /// - Throws: ``CredentialError/malformed(_:reason:)``.
    func authFile() throws(CredentialError) -> AuthFile? {
        guard let value = values[Self.document] else { return nil }
        return try AuthFile(secret: value, named: Self.document)
    }
}

public import Cryptography
import OCI
package import SystemPackage

/// What a client shows a registry, or the one who gives out its tokens.
///
/// Printing it shows no secret.
public enum Credential: Equatable, Sendable {
    /// Nothing: what everybody may do.
    case anonymous
    /// A user's name and password, or what stands for a password.
    case basic(user: String, password: SecretBytes)
    /// What tokens are asked for with, in place of a password (OAuth calls it a refresh token).
    case identityToken(SecretBytes)
    /// A token that goes to the registry as it is.
    case registryToken(SecretBytes)

    /// What stands before the colon of ``basic(user:password:)`` where the password is an identity token.
    static let tokenUser = "<token>"

    /// Asks a credential program, whatever files say.
    ///
    /// - Parameters:
    ///   - word: What stands behind `docker-credential-` in its name.
    ///   - server: The registry.
    ///   - variables: What it gets besides varve's own environment.
    ///   - withheld: Names of variables that it does not get.
    ///   - directory: Where it is.
    /// - Returns: `nil` where it has no login.
    /// - Throws: ``CredentialError``, `Interruption`, `CryptographyError` without memory.
    package static func asking(
        _ word: String, for server: String, with variables: [(name: String, value: [UInt8])],
        without withheld: [String], in directory: FilePath
    ) throws -> Credential? {
        let settings = CredentialProgram.Settings(
            withheld: withheld, seconds: 60, directory: directory, added: variables)
        return try CredentialProgram(word, namedBy: "varve", settings).get(server)
    }

    /// The value of the field `Authorization` that shows it, or `nil` where it is for nobody but a token server.
    ///
    /// The text is the secret itself, and not wiped: it is made for a request, and let go with it.
    ///
    /// Source: RFC 7617; RFC 6750, section 2.1.
    public var authorization: String? {
        switch self {
        case .anonymous, .identityToken: return nil
        case .basic(let user, let password):
            var bytes = Array(user.utf8) + [UInt8(ascii: ":")]
            password.withSpan { span in for place in span.indices { bytes.append(span[place]) } }
            defer { bytes.wipe() }
            return "Basic " + Base64.text(of: bytes)
        case .registryToken(let token): return "Bearer " + token.text
        }
    }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind, and the user's name.
    public var description: String {
        switch self {
        case .anonymous: "no credentials"
        case .basic(let user, _): "user \(user.quoted) and a password"
        case .identityToken: "an identity token"
        case .registryToken: "a registry token"
        }
    }
    /// The same.
    public var debugDescription: String { description }
}

extension SecretBytes {
    /// The bytes as a text, which nobody wipes.
    package var text: String {
        withSpan { span in
            var bytes = span.indices.map { span[$0] }
            defer { bytes.wipe() }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The bytes of a text, whose own are the caller's.
    package convenience init(_ text: String) throws { try self.init(Array(text.utf8).span) }
}

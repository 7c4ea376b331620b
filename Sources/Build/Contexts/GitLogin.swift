import Cryptography
import Linux
import Registry

/// The login that the environment has for the repository of a build context.
///
/// `GIT_TOKEN`, or `GIT_USERNAME` and `GIT_PASSWORD`. A token's user is `GIT_USERNAME`, or one that hosts of
/// repositories do not look at.
enum GitLogin {
    /// The variables that hold it.
    static let variables = ["GIT_TOKEN", "GIT_USERNAME", "GIT_PASSWORD"]
    private static let tokenUser = "x-access-token"

    /// Takes it out of the environment, so that no program that is started later has it.
    ///
    /// To be called while the process has one thread, and once.
    ///
    /// - Returns: `nil` where there is none.
    /// - Throws: `CryptographyError` without memory.
    static func take() throws -> Credential? {
        let token = try secret("GIT_TOKEN")
        let user = SecretVariable.take("GIT_USERNAME") { span in
            String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
        }
        let password = try secret("GIT_PASSWORD")
        let name = user.flatMap { $0.isEmpty ? nil : $0 }
        if let token { return .basic(user: name ?? tokenUser, password: token) }
        guard name != nil || password != nil else { return nil }
        return .basic(user: name ?? "", password: try password ?? SecretBytes(capacity: 0) { _ in 0 })
    }

    /// An empty variable is none: that is how continuous integration passes on a secret it does not have.
    private static func secret(_ name: String) throws -> SecretBytes? {
        let value = try SecretVariable.take(name) { try SecretBytes($0) }
        return value.flatMap { $0.count == 0 ? nil : $0 }
    }
}

import Cryptography
import Linux

/// Where the password of a private key comes from: `COSIGN_PASSWORD`, a person at the terminal, or standard input.
///
/// The variable counts where it is set, also to nothing; it is taken out of the environment when it is read. A person
/// is asked where standard input is a terminal. Else all of standard input is the password, but for one
/// newline at its end. The first and the last say one password, whatever it is asked for.
public final class Password {
    /// The variable that cosign reads.
    public static let variable = "COSIGN_PASSWORD"

    private var known: SecretBytes?

    /// Nothing is read before it is needed.
    public init() {}

    /// The password that a key has.
    ///
    /// - Throws: ``BuildError/password(_:)``, `FileError`, `Interruption`.
    func existing(of key: String) throws -> SecretBytes {
        try given() ?? SecretInput.typed("password of \(key): ")
    }

    /// The password that a new key shall have; a person types it twice.
    ///
    /// - Throws: ``BuildError/password(_:)``, `FileError`, `Interruption`.
    func new(of key: String) throws -> SecretBytes {
        if let given = try given() { return given }
        let first = try SecretInput.typed("new password of \(key): ")
        guard try SecretInput.typed("the same again: ") == first else {
            throw BuildError.password("the passwords are not the same")
        }
        return first
    }

    private func given() throws -> SecretBytes? {
        if let known { return known }
        known = try SecretVariable.take(Self.variable) { try Self.kept($0) }
        if known == nil, !Terminal.isStandardInput {
            known = try SecretInput.all(droppingNewlines: 1)
            guard known != nil else {
                // What is started without an input shall not get a key that everybody opens.
                throw BuildError.password(
                    "standard input is empty; set \(Self.variable), to nothing for no password")
            }
        }
        return known
    }

    private static func kept(_ bytes: Span<UInt8>) throws -> SecretBytes {
        guard bytes.count <= SecretInput.limit else { throw SecretInput.tooLong }
        return try SecretBytes(bytes)
    }
}

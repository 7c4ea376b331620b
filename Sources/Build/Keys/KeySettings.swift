import Linux

/// Whose signature: as the user says it, nothing read yet.
public enum KeySettings: Hashable, Sendable {
    /// A reference to a private key: the bytes of a path, or `env://NAME`.
    case key([UInt8])
    /// A program with its arguments, and a reference to its public key.
    case command([UInt8], publicKey: [UInt8])

    private static let variables = ["VARVE_SIGN_KEY", "COSIGN_PRIVATE_KEY"]

    /// The variables that hold secrets of varve's own: neither images nor child programs get them.
    public static let secretVariables = Set(variables + [Password.variable])

    /// A reference, or what the environment has.
    ///
    /// - Throws: ``BuildError/usage(_:_:)`` where nothing is given.
    public static func orOfEnvironment(_ reference: [UInt8]?) throws(BuildError) -> KeySettings {
        if let reference { return .key(reference) }
        if let key = ofEnvironment { return key }
        throw .usage(
            "--vsa-sign-key", "a summary is signed: give a key, or VARVE_SIGN_KEY or COSIGN_PRIVATE_KEY")
    }

    /// What the environment has; `nil` where that is nothing.
    static var ofEnvironment: KeySettings? {
        variables.first(where: SecretVariable.exists).map { .key(Array("env://\($0)".utf8)) }
    }

    /// Reads the key, and asks for its password where it has one.
    func signer(password: Password = Password(), note: (Progress.Note) -> Void) throws -> Signer {
        switch self {
        case .key(let reference):
            return .key(try KeyReference(parsing: reference).signingKey(password: password, note: note))
        case .command(let command, let reference):
            let key = try KeyReference(parsing: reference).verificationKey(password: nil, note: note)
            // The program could read them in the memory of its parent.
            for name in Self.secretVariables { SecretVariable.forget(name) }
            return try Signer(command: command, publicKey: key)
        }
    }
}

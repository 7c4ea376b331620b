/// A key that cannot be used, and what to do about it.
public enum KeyError: Error, Equatable, CustomStringConvertible {
    /// The file is larger than any key.
    case tooLarge
    /// No PEM, or one that is damaged: how.
    case malformedPEM(String)
    /// A public key is wanted, and there is something else.
    case notAPublicKey(String)
    /// A private key is wanted, and there is something else.
    case notAPrivateKey(String)
    /// The bytes are not the key they say they are.
    case malformedKey(String)
    /// A kind of key that varve does not use.
    case unsupportedKey(String)
    /// The private and the public part of one key do not belong together.
    case mismatch
    /// An encrypted key file whose document is damaged or not of this kind.
    case malformedKeyFile(String)
    /// The password does not open the key.
    case wrongPassword

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .tooLarge: "the key is larger than 64 KiB, as no key is"
        case .malformedPEM(let reason): "the key is no PEM file: \(reason)"
        case .notAPublicKey(let found): "a public key is needed, this is \(found)"
        case .notAPrivateKey(let found): "a private key is needed, this is \(found)"
        case .malformedKey(let reason): "the key is damaged: \(reason)"
        case .unsupportedKey(let reason): reason
        case .mismatch: "the key is damaged: its private and its public part do not belong together"
        case .malformedKeyFile(let reason): "the encrypted key cannot be used: \(reason)"
        case .wrongPassword:
            "the password does not open the key (or the key file is damaged); see COSIGN_PASSWORD"
        }
    }
}

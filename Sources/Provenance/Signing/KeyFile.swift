public import Cryptography
import OCI

/// A PEM file with a private key: cosign's form, encrypted, or PKCS#8 or SEC 1, not encrypted.
///
/// Source: sigstore/cosign, `pkg/cosign/keys.go`; RFC 7468, section 10; RFC 5915, section 4.
public struct KeyFile: Sendable {
    private let pem: PEM
    /// What is known of an encrypted key without its password; `nil` where there is none.
    public let sealed: SealedKey?

    private static let sealedLabel = "ENCRYPTED SIGSTORE PRIVATE KEY"
    /// Cosign's first version, and tools that took it for their pattern, write the other one.
    private static let sealedLabels = [sealedLabel, "ENCRYPTED COSIGN PRIVATE KEY"]

    /// Reads a file, as far as it goes without a password.
    ///
    /// - Throws: ``Cryptography/KeyError``.
    public init(parsing file: [UInt8]) throws(KeyError) {
        pem = try PEM(parsing: file)
        if Self.sealedLabels.contains(pem.label) {
            sealed = try SealedKey(parsing: pem.bytes())
        } else {
            sealed = nil
            if let reason = Self.refusal(of: pem.label) { throw reason }
        }
    }

    /// What stands behind `BEGIN`.
    public var label: String { pem.label }

    private static func refusal(of label: String) -> KeyError? {
        switch label {
        case "PRIVATE KEY", "EC PRIVATE KEY": nil
        case "PUBLIC KEY": .notAPrivateKey("a public key")
        case "CERTIFICATE": .notAPrivateKey("a certificate")
        case "ENCRYPTED PRIVATE KEY":
            .unsupportedKey(
                "an encrypted PKCS#8 key is not supported: openssl pkcs8 -in KEY decrypts it, varve key import encrypts it again"
            )
        case "RSA PRIVATE KEY": .unsupportedKey("an RSA key: varve signs with P-256 alone")
        case "DSA PRIVATE KEY": .unsupportedKey("a DSA key: varve signs with P-256 alone")
        case "OPENSSH PRIVATE KEY":
            .unsupportedKey("a key of OpenSSH is not supported: ssh-keygen -p -m PKCS8 converts it")
        case "EC PARAMETERS":
            .unsupportedKey("the file begins with EC PARAMETERS; remove that block and leave the key alone")
        default: .notAPrivateKey(label)
        }
    }

    /// Opens it.
    ///
    /// - Parameter password: Asked only where the key is encrypted.
    /// - Returns: The key.
    /// - Throws: ``Cryptography/KeyError``, ``Cryptography/CryptographyError``, and what `password` throws.
    public func open(password: () throws -> SecretBytes) throws -> SigningKey {
        if let sealed { return try SigningKey(pkcs8: sealed.content(password())) }
        let der = try pem.secretBytes()
        return try pem.label == "PRIVATE KEY" ? SigningKey(pkcs8: der) : SigningKey(sec1: der)
    }

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - pem: The file's bytes; those of a key that is not encrypted are the caller's to wipe.
    ///   - password: Asked only where the key is encrypted.
    /// - Returns: The key.
    /// - Throws: ``Cryptography/KeyError``, ``Cryptography/CryptographyError``, and what `password` throws.
    public static func open(_ pem: [UInt8], password: () throws -> SecretBytes) throws -> SigningKey {
        try KeyFile(parsing: pem).open(password: password)
    }

    /// Makes a file of a key, as cosign's second version does.
    ///
    /// - Throws: ``Cryptography/CryptographyError``.
    public static func seal(_ key: SigningKey, password: SecretBytes) throws -> [UInt8] {
        PEM.text(sealedLabel, try SealedKey(sealing: key.pkcs8(), password: password).json.serialized())
    }
}

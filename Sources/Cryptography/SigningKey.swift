import CCrypto

/// A private key on NIST's P-256, the one kind that every verifier of image signatures understands alike.
///
/// Source: RFC 5915; RFC 5958; FIPS 186-4, section 6.
public struct SigningKey: Sendable {
    private let der: SecretBytes
    /// The public key that belongs to it.
    public let verificationKey: VerificationKey

    /// Makes a new key.
    ///
    /// - Throws: ``CryptographyError``, ``KeyError``.
    public static func generate() throws -> SigningKey {
        try SigningKey(LibcryptoKey(newOnGroup: "prime256v1"))
    }

    /// Reads a PKCS#8 document (RFC 5958) in DER, not encrypted.
    ///
    /// - Throws: ``KeyError``, also for a private key whose public part is another one's; ``CryptographyError``.
    public init(pkcs8: SecretBytes) throws {
        guard let key = LibcryptoKey(privateKey: pkcs8, isSEC1: false) else {
            throw KeyError.malformedKey("it is no private key in PKCS#8 form")
        }
        try self.init(key)
    }

    /// Reads an `ECPrivateKey` (RFC 5915) in DER.
    ///
    /// - Throws: as ``init(pkcs8:)``.
    public init(sec1: SecretBytes) throws {
        guard let key = LibcryptoKey(privateKey: sec1, isSEC1: true) else {
            throw KeyError.malformedKey("it is no private key in SEC 1 form")
        }
        try self.init(key)
    }

    private init(_ key: borrowing LibcryptoKey) throws {
        guard key.isA("EC"), let group = key.group, group == "prime256v1" else {
            throw KeyError.unsupportedKey("\(Self.name(of: key)): varve signs with P-256 alone")
        }
        guard key.isConsistent else { throw KeyError.mismatch }
        guard let number = try key.secretNumber("priv", bytes: 32), let x = key.publicNumber("qx"),
            let y = key.publicNumber("qy")
        else { throw KeyError.malformedKey("its private or public number is missing") }
        let point = [x, y].flatMap { [UInt8](repeating: 0, count: 32 - $0.count) + $0 }
        verificationKey = try VerificationKey(spki: Self.spkiForm + point)
        let parts = [try SecretBytes(Self.start.span), number, try SecretBytes((Self.middle + point).span)]
        der = try SecretBytes(capacity: parts.reduce(0) { $0 + $1.count }) { memory in
            var place = 0
            for part in parts {
                part.withSpan { bytes in
                    for index in bytes.indices {
                        memory[place] = bytes[index]
                        place += 1
                    }
                }
            }
            return place
        }
    }

    /// What stands before the private number: version 0, id-ecPublicKey on prime256v1, ECPrivateKey version 1.
    private static let start: [UInt8] = [
        0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01,
        0x04, 0x20,
    ]
    /// What stands between it and the public point: a bit string, the point uncompressed.
    private static let middle: [UInt8] = [0xa1, 0x44, 0x03, 0x42, 0x00, 0x04]

    private static let spkiForm = VerificationKey.form(of: .p256)

    private static func name(of key: borrowing LibcryptoKey) -> String {
        if key.isA("ED25519") { return "an Ed25519 key" }
        if key.isA("RSA") { return "an RSA key of \(key.bits) bits" }
        if key.isA("EC") { return "an elliptic curve key on \(key.group ?? "a curve of its own")" }
        return "a key of the kind \(key.kindName)"
    }

    /// Signs a message's SHA-256.
    ///
    /// - Returns: A sequence of two integers, in DER; every time another one.
    /// - Throws: ``CryptographyError``.
    public func sign(_ message: [UInt8]) throws -> [UInt8] {
        guard let key = LibcryptoKey(privateKey: der, isSEC1: false) else {
            throw CryptographyError("sign")
        }
        return try key.sign(message, hash: "SHA256")
    }

    /// The key as a PKCS#8 document of 138 bytes, with its public part.
    public func pkcs8() -> SecretBytes { der }
}

extension SigningKey: CustomStringConvertible, CustomReflectable {
    /// Nothing of the private part.
    public var description: String { "a P-256 private key" }
    /// Nothing of the private part.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

import CCrypto

/// A public key that signatures are checked with.
///
/// Two keys are equal when their SubjectPublicKeyInfo is; and as a kind of key has one form of it here, they are
/// equal only then.
///
/// Source: RFC 5280, section 4.1.2.7; RFC 5480; RFC 8410; RFC 8017.
public struct VerificationKey: Sendable {
    /// What a key can be.
    public enum Kind: Hashable, Sendable, CustomStringConvertible {
        /// ECDSA on NIST's P-256, with SHA-256.
        case p256
        /// ECDSA on NIST's P-384, with SHA-384 or SHA-256.
        case p384
        /// Ed25519 over the message itself.
        case ed25519
        /// RSA of so many bits: PKCS#1 v1.5 with SHA-256.
        case rsa(bits: Int)

        /// The name that people use.
        public var description: String {
            switch self {
            case .p256: "P-256"
            case .p384: "P-384"
            case .ed25519: "Ed25519"
            case .rsa(let bits): "RSA \(bits)"
            }
        }
    }

    /// The key's SubjectPublicKeyInfo in DER.
    public let spki: [UInt8]
    /// What it is.
    public let kind: Kind

    /// Reads a PEM file with one public key.
    ///
    /// - Throws: ``KeyError``.
    public init(pem: [UInt8]) throws(KeyError) {
        let pem = try PEM(parsing: pem)
        guard pem.label == "PUBLIC KEY" else {
            throw .notAPublicKey(Self.name(ofLabel: pem.label))
        }
        try self.init(spki: pem.bytes())
    }

    private static func name(ofLabel label: String) -> String {
        switch label {
        case "CERTIFICATE": "a certificate; openssl x509 -pubkey -noout takes the key out of it"
        case "RSA PUBLIC KEY": "an RSA key in PKCS#1 form; openssl rsa -RSAPublicKey_in -pubout converts it"
        case let label where label.hasSuffix("PRIVATE KEY"):
            "a private key; varve key public gives its public one"
        default: "\(label)"
        }
    }

    /// Reads a SubjectPublicKeyInfo.
    ///
    /// - Throws: ``KeyError/malformedKey(_:)``, ``KeyError/unsupportedKey(_:)``.
    public init(spki: [UInt8]) throws(KeyError) {
        guard spki.count <= PEM.limit else { throw .tooLarge }
        guard let key = LibcryptoKey(spki: spki) else {
            throw .malformedKey("it is no public key in DER, or of a kind that libcrypto does not know")
        }
        kind = try Self.kind(of: key)
        let form = Self.form(of: kind)
        // Another form of the same key would have another name, and other programs refuse it.
        guard spki.starts(with: form), form.isEmpty ? key.spki == spki : spki.count == Self.size(of: kind)
        else {
            throw .unsupportedKey(
                "this \(kind) key is not in its usual form (named curve, uncompressed point, DER); "
                    + "openssl pkey -pubin -pubout converts it")
        }
        self.spki = spki
    }

    private static func kind(of key: borrowing LibcryptoKey) throws(KeyError) -> Kind {
        if key.isA("ED25519") { return .ed25519 }
        if key.isA("RSA") { return try .rsa(bits: usableRSABits(of: key)) }
        let group = key.isA("EC") ? key.group ?? "another curve" : nil
        switch group {
        case "prime256v1": return .p256
        case "secp384r1": return .p384
        default:
            let name = group.map { "an elliptic curve key on \($0)" } ?? "a key of the kind \(key.kindName)"
            throw .unsupportedKey("\(name): varve verifies with P-256, P-384, Ed25519 and RSA alone")
        }
    }

    private static func usableRSABits(of key: borrowing LibcryptoKey) throws(KeyError) -> Int {
        let bits = key.bits
        guard bits >= 2048 else { throw .unsupportedKey("an RSA key of \(bits) bits: 2048 is the least") }
        guard bits <= 8192 else { throw .unsupportedKey("an RSA key of \(bits) bits: 8192 is the most") }
        // With the exponent 1 everybody signs; and PKCS#1 wants an odd one.
        let exponent = key.publicNumber("e") ?? []
        guard let last = exponent.last, last & 1 == 1, exponent != [1], exponent.count <= 8 else {
            throw .unsupportedKey("an RSA key with an exponent that is 1, even or beyond 64 bits")
        }
        return bits
    }

    /// What stands before the key's own bytes; empty where their length is part of it.
    static func form(of kind: Kind) -> [UInt8] {
        switch kind {
        case .p256:
            [
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
                0x2a,
                0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
            ]
        case .p384:
            [
                0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05,
                0x2b,
                0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
            ]
        case .ed25519: [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
        case .rsa: []
        }
    }

    private static func size(of kind: Kind) -> Int? {
        switch kind {
        case .p256: 91
        case .p384: 120
        case .ed25519: 44
        case .rsa: nil
        }
    }

    /// The key as a PEM file.
    public var pem: [UInt8] { PEM.text("PUBLIC KEY", spki) }

    /// Whether a signature is of this message.
    ///
    /// ECDSA's may be in DER or raw. What is no signature at all is not one of this message either.
    public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let key = LibcryptoKey(spki: spki) else { return false }
        switch kind {
        case .ed25519: return key.verifies(signature, of: message, hash: nil)
        case .rsa: return key.verifies(signature, of: message, hash: "SHA256")
        case .p256: return Self.verifies(key, signature, of: message, numberSize: 32, hashes: ["SHA256"])
        case .p384:
            return Self.verifies(key, signature, of: message, numberSize: 48, hashes: ["SHA384", "SHA256"])
        }
    }

    private static func verifies(
        _ key: borrowing LibcryptoKey, _ signature: [UInt8], of message: [UInt8], numberSize: Int,
        hashes: [String]
    ) -> Bool {
        let forms = [signature, ECDSASignature(raw: signature, numberSize: numberSize)?.der].compactMap { $0 }
        for hash in hashes {
            for form in forms where key.verifies(form, of: message, hash: hash) { return true }
        }
        return false
    }
}

extension VerificationKey: Hashable {
    /// Whether their SubjectPublicKeyInfo is the same.
    public static func == (first: VerificationKey, second: VerificationKey) -> Bool {
        first.spki == second.spki
    }

    /// Feeds the SubjectPublicKeyInfo to the hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(spki) }
}

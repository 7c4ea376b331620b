/// What others call a key.
extension VerificationKey {
    /// The SHA-256 of the SubjectPublicKeyInfo, 64 hexadecimal digits.
    ///
    /// - Throws: ``CryptographyError`` without memory.
    public var fingerprint: String {
        get throws(CryptographyError) {
            try SHA256.hash(of: spki).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    /// The same in base64, as a Sigstore bundle names a key.
    ///
    /// - Throws: ``CryptographyError`` without memory.
    public var hint: String {
        get throws(CryptographyError) { Base64.text(of: try SHA256.hash(of: spki)) }
    }

    /// `SHA256:` and the base64, without padding, of the SHA-256 of the key as SSH writes it.
    ///
    /// Source: RFC 4253, section 6.6; RFC 5656, section 3.1; RFC 8709; ssh-keygen(1), `-l`.
    ///
    /// - Throws: ``CryptographyError`` without memory.
    public var sshFingerprint: String {
        get throws(CryptographyError) {
            let digest = Base64.text(of: try SHA256.hash(of: sshKey))
            return "SHA256:" + digest.prefix { $0 != "=" }
        }
    }

    private var sshKey: [UInt8] {
        let parts: [[UInt8]] =
            switch kind {
            case .p256: ["ecdsa-sha2-nistp256", "nistp256"].map { Array($0.utf8) } + [Array(spki.suffix(65))]
            case .p384: ["ecdsa-sha2-nistp384", "nistp384"].map { Array($0.utf8) } + [Array(spki.suffix(97))]
            case .ed25519: [Array("ssh-ed25519".utf8), Array(spki.suffix(32))]
            case .rsa: [Array("ssh-rsa".utf8)] + rsaNumbers
            }
        return parts.flatMap { part in
            stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: part.count >> $0) } + part
        }
    }

    private var rsaNumbers: [[UInt8]] {
        guard let key = LibcryptoKey(spki: spki) else { return [] }
        var numbers: [[UInt8]] = []
        for name in ["e", "n"] {
            let digits = key.publicNumber(name) ?? []
            // The highest bit would be a sign.
            numbers.append(digits.first.map({ $0 >= 0x80 }) ?? false ? [0] + digits : digits)
        }
        return numbers
    }
}

extension SHA256 {
    /// The 32 bytes of the hash of these bytes.
    ///
    /// - Throws: ``CryptographyError`` without memory.
    public static func hash(of bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var stream = try SHA256()
        stream.update(bytes.span)
        return stream.finish()
    }
}

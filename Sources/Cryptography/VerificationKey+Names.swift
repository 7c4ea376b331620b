/// What others call a key.
extension VerificationKey {
    /// The SHA-256 of the SubjectPublicKeyInfo, 64 hexadecimal digits.
    public var fingerprint: String {
        Self.hash(spki).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The same in base64, as a Sigstore bundle names a key.
    public var hint: String { Base64.text(of: Self.hash(spki)) }

    /// `SHA256:` and the base64, without padding, of the SHA-256 of the key as SSH writes it.
    ///
    /// Source: RFC 4253, section 6.6; RFC 5656, section 3.1; RFC 8709; ssh-keygen(1), `-l`.
    public var sshFingerprint: String { "SHA256:" + Base64.text(of: Self.hash(sshKey)).prefix { $0 != "=" } }

    /// Every key was taken apart by libcrypto before: it has the memory and the algorithm.
    private static func hash(_ bytes: [UInt8]) -> [UInt8] {
        guard let hash = try? SHA256.hash(of: bytes) else { preconditionFailure("libcrypto lost SHA-256") }
        return hash
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

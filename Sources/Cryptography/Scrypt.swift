import CCrypto

/// How much work and memory it takes to make a key of a password.
///
/// Source: RFC 7914, section 2.
public struct Scrypt: Hashable, Sendable {
    /// The RFC's N, a power of two; with ``blockSize`` it says how much memory is needed: 128 · N · r bytes.
    public let cost: Int
    /// The RFC's r.
    public let blockSize: Int
    /// The RFC's p.
    public let parallelism: Int

    /// Takes the three as they are; whether they are wise is the caller's to know.
    public init(cost: Int, blockSize: Int, parallelism: Int) {
        (self.cost, self.blockSize, self.parallelism) = (cost, blockSize, parallelism)
    }

    /// Makes a key of `count` bytes, by libcrypto.
    ///
    /// - Throws: ``CryptographyError`` for parameters that scrypt does not take, and without memory.
    public func key(
        of password: SecretBytes, salt: [UInt8], count: Int
    ) throws(CryptographyError) -> SecretBytes {
        let operation = "make a key of the password"
        guard let algorithm = EVP_KDF_fetch(nil, "SCRYPT", nil) else { throw CryptographyError(operation) }
        defer { EVP_KDF_free(algorithm) }
        guard let context = EVP_KDF_CTX_new(algorithm) else { throw CryptographyError(operation) }
        defer { EVP_KDF_CTX_free(context) }
        let key = try SecretBytes(capacity: count)
        var salt = salt
        let saltSize = salt.count
        let code = password.withPointer { secret in
            key.withPointer { memory in
                varve_scrypt(
                    context, memory, count, secret, password.count, &salt, saltSize, UInt64(clamping: cost),
                    UInt32(clamping: blockSize), UInt32(clamping: parallelism))
            }
        }
        guard code == 1 else { throw CryptographyError(operation) }
        return key
    }
}

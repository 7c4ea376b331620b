import CCrypto

/// Libcrypto's own form of a key, private or public, held for the time of one operation.
struct LibcryptoKey: ~Copyable {
    let pointer: OpaquePointer

    /// Reads a public key; `nil` for what is none, or is followed by something.
    init?(spki: [UInt8]) {
        var next: UnsafePointer<UInt8>?
        let read: OpaquePointer? = spki.withUnsafeBufferPointer { bytes in
            next = bytes.baseAddress
            guard let key = d2i_PUBKEY(nil, &next, bytes.count) else { return nil }
            guard let next, next == bytes.baseAddress?.advanced(by: bytes.count) else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
        ERR_clear_error()
        guard let read else { return nil }
        pointer = read
    }

    /// Reads a private key, PKCS#8 or SEC 1; `nil` for what is none, or is followed by something.
    init?(privateKey: SecretBytes, isSEC1: Bool) {
        let count = privateKey.count
        let read: OpaquePointer? = privateKey.withPointer { start in
            var next: UnsafePointer<UInt8>? = UnsafePointer(start)
            let key: OpaquePointer?
            if isSEC1 {
                key = d2i_PrivateKey(EVP_PKEY_EC, nil, &next, count)
            } else {
                guard let document = d2i_PKCS8_PRIV_KEY_INFO(nil, &next, count) else { return nil }
                defer { PKCS8_PRIV_KEY_INFO_free(document) }
                key = EVP_PKCS82PKEY(document)
            }
            guard let key else { return nil }
            guard next == UnsafePointer(start + count) else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
        ERR_clear_error()
        guard let read else { return nil }
        pointer = read
    }

    /// Makes a new key on a curve.
    init(newOnGroup group: String) throws(CryptographyError) {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else {
            throw CryptographyError("make a key")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, group) == 1,
            EVP_PKEY_generate(context, &key) == 1, let key
        else { throw CryptographyError("make a key") }
        pointer = key
    }

    deinit { EVP_PKEY_free(pointer) }

    /// Whether it is of a kind: `EC`, `RSA`, `ED25519`.
    func isA(_ kind: String) -> Bool { EVP_PKEY_is_a(pointer, kind) == 1 }

    /// Libcrypto's name of the kind.
    var kindName: String {
        EVP_PKEY_get0_type_name(pointer).map { String(cString: $0) } ?? "unknown"
    }

    /// The curve's name: `prime256v1`, `secp384r1`.
    var group: String? {
        var name = [CChar](repeating: 0, count: 80)
        var count = 0
        defer { ERR_clear_error() }
        guard EVP_PKEY_get_group_name(pointer, &name, name.count, &count) == 1 else { return nil }
        return String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Bits of the number that makes it hard.
    var bits: Int { Int(EVP_PKEY_get_bits(pointer)) }

    /// Whether private and public part belong together.
    var isConsistent: Bool {
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else { return false }
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        return EVP_PKEY_public_check(context) == 1 && EVP_PKEY_pairwise_check(context) == 1
    }

    /// A number that is part of it, big-endian without zeros before it.
    func publicNumber(_ name: String) -> [UInt8]? {
        guard let number = number(name) else { return nil }
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: (Int(BN_num_bits(number)) + 7) / 8)
        BN_bn2bin(number, &bytes)
        return bytes
    }

    /// A number that is part of it, big-endian, in so many bytes.
    func secretNumber(_ name: String, bytes count: Int) throws(CryptographyError) -> SecretBytes? {
        guard let number = number(name) else { return nil }
        defer { BN_clear_free(number) }
        let bytes = try SecretBytes(capacity: count)
        let written = bytes.withPointer { BN_bn2binpad(number, $0, Int32(count)) }
        return written == Int32(count) ? bytes : nil
    }

    private func number(_ name: String) -> OpaquePointer? {
        var number: OpaquePointer?
        defer { ERR_clear_error() }
        return EVP_PKEY_get_bn_param(pointer, name, &number) == 1 ? number : nil
    }

    /// It as a public key, as libcrypto writes it.
    var spki: [UInt8] {
        var memory: UnsafeMutablePointer<UInt8>?
        let count = i2d_PUBKEY(pointer, &memory)
        defer {
            CRYPTO_free(memory, #file, #line)
            ERR_clear_error()
        }
        guard count > 0, let memory else { return [] }
        return Array(UnsafeBufferPointer(start: memory, count: Int(count)))
    }

    /// Whether a signature in the kind's own form is of a message; a hash's name, or none where the kind has its own.
    func verifies(_ signature: [UInt8], of message: [UInt8], hash: String?) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        return EVP_DigestVerifyInit_ex(context, nil, hash, nil, nil, pointer, nil) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// Signs.
    func sign(_ message: [UInt8], hash: String) throws(CryptographyError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw CryptographyError("sign") }
        defer { EVP_MD_CTX_free(context) }
        var count = 0
        guard EVP_DigestSignInit_ex(context, nil, hash, nil, nil, pointer, nil) == 1,
            EVP_DigestSign(context, nil, &count, message, message.count) == 1
        else { throw CryptographyError("sign") }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
            throw CryptographyError("sign")
        }
        return Array(signature.prefix(count))
    }
}

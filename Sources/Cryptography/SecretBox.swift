import CSodium

/// Authenticated encryption under a key of 32 bytes: XSalsa20 and Poly1305, by libsodium.
///
/// Source: libsodium's documentation, "Authenticated encryption"; NaCl, crypto_secretbox.
public enum SecretBox {
    /// Bytes of a key.
    public static let keySize = Int(crypto_secretbox_keybytes())
    /// Bytes of a nonce, which is never used twice with one key.
    public static let nonceSize = Int(crypto_secretbox_noncebytes())
    /// Bytes that a box is longer than what is in it; they come first.
    public static let tagSize = Int(crypto_secretbox_macbytes())

    /// Closes a box.
    public static func seal(_ content: SecretBytes, nonce: [UInt8], key: SecretBytes) -> [UInt8] {
        check(nonce, key)
        var box = [UInt8](repeating: 0, count: tagSize + content.count)
        let code = content.withPointer { plain in
            key.withPointer { crypto_secretbox_easy(&box, plain, UInt64(content.count), nonce, $0) }
        }
        precondition(code == 0, "a secret box of more than 256 GiB")
        return box
    }

    /// Opens a box.
    ///
    /// - Returns: `nil` where it was not closed with this key and nonce, or was changed since.
    /// - Throws: ``CryptographyError`` without memory.
    public static func open(
        _ box: [UInt8], nonce: [UInt8], key: SecretBytes
    ) throws(CryptographyError) -> SecretBytes? {
        check(nonce, key)
        guard box.count >= tagSize else { return nil }
        let content = try SecretBytes(capacity: box.count - tagSize)
        let code = content.withPointer { memory in
            key.withPointer { crypto_secretbox_open_easy(memory, box, UInt64(box.count), nonce, $0) }
        }
        return code == 0 ? content : nil
    }

    private static func check(_ nonce: [UInt8], _ key: SecretBytes) {
        precondition(nonce.count == nonceSize && key.count == keySize, "a nonce or key of the wrong size")
    }

    /// The version of libsodium, as it says itself: `1.0.18`.
    public static var libraryVersion: String { String(cString: sodium_version_string()) }
}

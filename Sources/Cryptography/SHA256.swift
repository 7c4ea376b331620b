import CCrypto

/// SHA-256 over a stream of bytes, by libcrypto.
///
/// Source: FIPS 180-4, section 6.2; EVP_DigestInit_ex(3).
public struct SHA256: ~Copyable {
    private let context: OpaquePointer

    /// An empty stream.
    ///
    /// - Throws: ``CryptographyError`` when libcrypto has no memory or no SHA-256.
    public init() throws(CryptographyError) {
        guard let context = EVP_MD_CTX_new() else { throw CryptographyError("begin SHA-256") }
        guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw CryptographyError("begin SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Appends bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
        // EVP_DigestUpdate fails on contexts that were never begun, which cannot be made here.
        let code = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(code == 1, "SHA-256 on a context that was not begun")
    }

    /// The 32 bytes of the hash.
    public consuming func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { memory, count in
            let code = EVP_DigestFinal_ex(context, memory.baseAddress, nil)
            precondition(code == 1, "SHA-256 on a context that was not begun")
            count = 32
        }
    }

    /// The version of libcrypto, as it says itself: `3.0.22`.
    public static var libraryVersion: String {
        OpenSSL_version(OPENSSL_VERSION_STRING).map { String(cString: $0) } ?? "unknown"
    }
}

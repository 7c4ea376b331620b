import CCrypto

/// Bytes that nobody can foretell, by libcrypto.
///
/// Source: RAND_bytes(3).
public enum RandomBytes {
    /// So many of them.
    ///
    /// - Throws: ``CryptographyError`` where the system has no entropy.
    public static func make(_ count: Int) throws(CryptographyError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw CryptographyError("make random bytes") }
        return bytes
    }
}

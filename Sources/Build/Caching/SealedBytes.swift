import Images
import OCI

/// Bytes behind their own digest: one bit that changed on the disk is seen.
///
/// It keeps nobody from writing others; who may write to the cache's directory is checked when that is opened.
enum SealedBytes {
    private static let headerSize = 72

    /// What goes before the bytes: `sha256:`, 64 digits, a newline.
    ///
    /// - Throws: `CryptographyError`.
    static func header(of content: [UInt8]) throws -> [UInt8] {
        Array("\(try Digest.of(content))\n".utf8)
    }

    /// The bytes behind the header; `nil` where they are not those that were sealed.
    ///
    /// - Throws: `CryptographyError`.
    static func content(of sealed: [UInt8]) throws -> [UInt8]? {
        guard sealed.count >= headerSize else { return nil }
        let content = Array(sealed[headerSize...])
        return try sealed[..<headerSize].elementsEqual(header(of: content)) ? content : nil
    }
}

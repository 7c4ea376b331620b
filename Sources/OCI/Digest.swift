/// The identity of a blob: SHA-256 over the blob's bytes.
///
/// Written `sha256:` and 64 lower-case hexadecimal digits. Other algorithms are
/// refused: a registry may serve them, but this package could not check them.
/// A digest is safe as a file name, because nothing else than digits gets in.
///
/// Source: OCI image-spec v1.1, descriptor.md, "Digests".
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let hex: String

    /// Reads a digest as a descriptor writes it.
    ///
    /// - Throws: ``OCIError/malformedDigest(_:)``, with the text as it stood.
    public init(parsing text: String) throws(OCIError) {
        let digits = text.utf8.dropFirst(7)
        guard text.utf8.starts(with: "sha256:".utf8), digits.count == 64,
            digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { throw .malformedDigest(text) }
        hex = String(decoding: digits, as: UTF8.self)
    }

    /// Writes the value that a hash function gave.
    ///
    /// - Parameter bytes: The 32 bytes of a SHA-256 value.
    public init(sha256 bytes: [UInt8]) {
        precondition(bytes.count == 32, "a SHA-256 value has 32 bytes, not \(bytes.count)")
        let digits = Array("0123456789abcdef".utf8)
        hex = String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The digest of the two bytes `{}`, the content of ``MediaType/empty``.
    ///
    /// Source: OCI image-spec v1.1, manifest.md, "Guidance for an Empty Descriptor".
    public static let emptyObject = Digest(sha256: [
        0x44, 0x13, 0x6F, 0xA3, 0x55, 0xB3, 0x67, 0x8A, 0x11, 0x46, 0xAD, 0x16, 0xF7, 0xE8, 0x64, 0x9E,
        0x94, 0xFB, 0x4F, 0xC2, 0x1F, 0xE7, 0x7E, 0x83, 0x10, 0xC0, 0x60, 0xF6, 0x1C, 0xAA, 0xFF, 0x8A,
    ])

    /// The text of a descriptor's `digest` member.
    public var description: String { "sha256:\(hex)" }

    /// Orders by the digits, as a sorted list of file names is.
    public static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }
}

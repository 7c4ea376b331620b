public import Cryptography
public import Linux
public import OCI

extension Digest {
    /// The digest that a blob's file is named by; `nil` for a name that is none.
    ///
    /// Source: OCI image-spec v1.1, image-layout.md, "Blobs".
    public init?(blobName name: FileName) {
        guard let digest = try? Digest(parsing: "sha256:" + String(decoding: name.bytes, as: UTF8.self))
        else {
            return nil
        }
        self = digest
    }

    /// The digest of a document.
    public static func of(_ bytes: [UInt8]) throws(CryptographyError) -> Digest {
        var sha256 = try SHA256()
        sha256.update(bytes.span)
        return Digest(sha256: sha256.finish())
    }

    /// What layers that lie over each other are known by: their chain ID; that of none is the digest of nothing.
    ///
    /// Source: OCI image-spec v1.1, config.md, "Layer ChainID".
    public static func chain(of diffIDs: some Sequence<Digest>) throws(CryptographyError) -> Digest {
        var chain: Digest?
        for diffID in diffIDs {
            if let below = chain {
                chain = try of(Array("\(below) \(diffID)".utf8) as [UInt8])
            } else {
                chain = diffID
            }
        }
        guard let chain else { return try of([] as [UInt8]) }
        return chain
    }

    /// The digest of a blob, read from its beginning to its end.
    ///
    /// - Throws: `FileError`, `Interruption`, and what `receive` throws, which gets the bytes.
    static func of(_ slice: FileSlice, receive: ([UInt8]) throws -> Void = { _ in }) throws -> Digest {
        var sha256 = try SHA256()
        var buffer: [UInt8] = []
        var offset: Int64 = 0
        while true {
            try Interruption.check()
            buffer.removeAll(keepingCapacity: true)
            let count = try slice.read(upTo: 128 << 10, at: offset, appendingTo: &buffer)
            guard count > 0 else { return Digest(sha256: sha256.finish()) }
            sha256.update(buffer.span)
            try receive(buffer)
            offset += Int64(count)
        }
    }

    /// Reads a blob whose digest must be the expected one.
    ///
    /// - Throws: ``ImageError/blobMismatch(_:expected:found:)`` at its end, and what reading throws.
    public static func check(
        _ slice: FileSlice, _ expected: Digest, receive: ([UInt8]) throws -> Void = { _ in }
    ) throws {
        let found = try of(slice, receive: receive)
        guard found == expected else {
            throw ImageError.blobMismatch(slice.path, expected: expected, found: "\(found)")
        }
    }
}

import Cryptography
import Linux
import OCI

extension Digest {
    /// The digest of a document.
    static func of(_ bytes: [UInt8]) throws(CryptographyError) -> Digest {
        var sha256 = try SHA256()
        sha256.update(bytes.span)
        return Digest(sha256: sha256.finish())
    }

    /// The digest of a blob, read from its beginning to its end.
    ///
    /// - Throws: `FileError`, `Interruption`.
    static func of(_ slice: FileSlice) throws -> Digest {
        var sha256 = try SHA256()
        var buffer: [UInt8] = []
        var offset: Int64 = 0
        while true {
            try Interruption.check()
            buffer.removeAll(keepingCapacity: true)
            let count = try slice.read(upTo: 128 << 10, at: offset, appendingTo: &buffer)
            guard count > 0 else { return Digest(sha256: sha256.finish()) }
            sha256.update(buffer.span)
            offset += Int64(count)
        }
    }
}

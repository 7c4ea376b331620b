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

    /// Reads a blob whose digest must be its descriptor's.
    ///
    /// - Throws: ``ImageError/blobMismatch(_:expected:found:)`` at its end, and what reading throws.
    static func check(
        _ slice: FileSlice, _ descriptor: Descriptor, receive: ([UInt8]) throws -> Void = { _ in }
    ) throws {
        let found = try of(slice, receive: receive)
        guard found == descriptor.digest else {
            throw ImageError.blobMismatch(slice.path, expected: descriptor.digest, found: "\(found)")
        }
    }
}

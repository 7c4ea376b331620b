import Cryptography
import Linux
public import OCI
import SystemPackage

extension ImageLayout {
    /// The bytes of a manifest or configuration, checked against its descriptor before anybody reads them.
    ///
    /// - Throws: ``ImageError/blobMismatch(_:expected:found:)``, `FileError`.
    public func document(_ descriptor: Descriptor) throws -> [UInt8] {
        let blob = try openBlob(descriptor.digest)
        let status = try blob.status()
        guard status.kind == .regular else { throw FileError("read", blob.path, .invalidArgument) }
        guard status.size == descriptor.size else {
            throw ImageError.blobMismatch(
                blob.path, expected: descriptor.digest,
                found: "\(status.size) bytes in place of \(descriptor.size)")
        }
        let bytes = try blob.readAll(limit: Self.documentLimit)
        var sha256 = try SHA256()
        sha256.update(bytes.span)
        let digest = Digest(sha256: sha256.finish())
        guard digest == descriptor.digest else {
            throw ImageError.blobMismatch(blob.path, expected: descriptor.digest, found: "\(digest)")
        }
        return bytes
    }

    /// The image manifest that a descriptor names.
    ///
    /// - Throws: ``ImageError``, `FileError`.
    public func manifest(_ descriptor: Descriptor) throws -> Document<Manifest> { try decode(descriptor) }

    /// The configuration of an image.
    ///
    /// - Throws: ``ImageError``, `FileError`.
    public func configuration(of manifest: Manifest) throws -> Document<ImageConfiguration> {
        try decode(manifest.config)
    }

    private func decode<Value>(_ descriptor: Descriptor) throws -> Document<Value> {
        let bytes = try document(descriptor)
        do {
            return try Document(parsing: bytes)
        } catch {
            throw ImageError.malformedDocument(
                blobs.childPath(FileName(descriptor.digest.hex.utf8)), "\(error)")
        }
    }
}

import Images
import Linux
import OCI
import Registry

/// Where an image's blobs come from: a registry that is asked, or a place at rest that is read.
struct BlobOrigin: Sendable {
    let source: ImageSource
    /// Where the image is, if it is in a registry.
    let place: Registries.Place?
    let registries: Registries

    /// Gives a blob away, piece by piece, and verifies it; threads may call it.
    ///
    /// - Parameters:
    ///   - blob: The blob.
    ///   - progress: Told how much came over the network.
    ///   - receive: Gets the bytes; what it got is good once the call returns.
    /// - Throws: `ImageError/blobMismatch(_:expected:found:)`, `RegistryError`, `HTTPError`, `FileError`, and what
    ///   `receive` throws.
    func read(
        _ blob: Descriptor, progress: (BlobProgress) -> Void, _ receive: (Span<UInt8>) throws -> Void
    ) throws {
        guard let place else {
            return try Digest.check(source.openBlob(blob), blob.digest) { try receive($0.span) }
        }
        try withoutActuallyEscaping(progress) { progress in
            try registries.withClient(at: place.endpoint) { client in
                _ = try client.pullBlob(
                    blob.digest, size: blob.size, from: place.repository, progress: progress,
                    receive: receive)
            }
        }
    }
}

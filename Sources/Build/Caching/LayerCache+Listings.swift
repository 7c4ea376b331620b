import Layers
import Linux
import OCI

/// What else is worth keeping: it can be made anew from layers and files, and takes long.
extension LayerCache {
    /// The most bytes of a listing.
    private static let listingLimit = 1 << 30

    /// The files of an image.
    ///
    /// - Parameter chain: The chain ID of its layers.
    /// - Returns: `nil` where none is kept, or a damaged one.
    func listing(chain: Digest) -> FileListing? {
        guard settings.isRead else { return nil }
        for store in stores {
            guard let bytes = try? store.read(chain, in: store.listings, limit: Self.listingLimit) else {
                continue
            }
            if let listing = try? FileListing(bytes: bytes) { return listing }
        }
        return nil
    }

    /// Keeps the files of an image.
    func keep(_ listing: FileListing, chain: Digest) {
        let bytes = listing.bytes
        guard bytes.count < Self.listingLimit / 2 else { return }
        do {
            let target = try writableStore()
            try target.write(bytes, as: chain, in: target.listings)
        } catch {
            writingFailed(error)
        }
    }

    /// Where digests of files are found, also by who writes nothing; `nil` where no earlier build left any.
    ///
    /// - Throws: `FileError`.
    func knownFileDigests() throws -> Directory? { try store?.files.duplicate() }

    /// Where digests of files are kept, for their owner alone.
    ///
    /// - Throws: `FileError`.
    func fileDigestsDirectory() throws -> Directory { try writableStore().files.duplicate() }
}

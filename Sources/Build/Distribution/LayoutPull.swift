import Images
import Linux
import OCI
import Registry
import SystemPackage

/// Brings images into a layout: every blob is hashed while it comes, and written once.
struct LayoutPull {
    /// Brings a blob's bytes, whose digest and size are checked by the end.
    typealias Fetch =
        @Sendable (_ blob: Descriptor, _ progress: (BlobProgress) -> Void, (Span<UInt8>) throws -> Void)
        throws -> Void

    private let transfers: Transfers

    init(progress: @escaping (Progress) -> Void) { transfers = Transfers(progress: progress) }

    /// Brings an image, and gives it names; the layout shows all of it, or nothing.
    ///
    /// - Parameters:
    ///   - contents: The image or index.
    ///   - attached: What is said about it: entries of an index, and what they consist of.
    ///   - location: Where it goes.
    ///   - fetch: Brings blobs, on any thread.
    /// - Returns: What became of each blob.
    /// - Throws: `ImageError`, `FileError`, and what `fetch` throws.
    func pull(
        _ contents: ImageContents, with attached: [(entry: Descriptor, contents: ImageContents)],
        to location: ImageLocation, fetch: @escaping Fetch
    ) throws -> TransferSummary {
        let name = try location.name.description
        let layout = try ImageLayout(writing: location.path)
        var seen: Set<Digest> = []
        let all = (contents.blobs + attached.flatMap(\.contents.blobs)).filter {
            seen.insert($0.digest).inserted
        }
        var files: [Digest: HandedFile] = [:]
        for blob in all where try !layout.holdsGood(blob) {
            files[blob.digest] = HandedFile(try layout.temporaryBlob())
        }
        let waiting = files
        let summary = try transfers.run(all) { blob, progress in
            guard let file = waiting[blob.digest] else { return progress(.existing) }
            try fetch(blob, progress) { try file.write($0) }
            try file.synchronize()
        }
        var writer = try LayoutWriter(layout)
        for (digest, file) in files {
            if let file = file.take() { try writer.adopt(file, as: digest) }
        }
        for blob in all where !writer.holds(blob) { throw BuildError.blobTakenAway(blob.digest) }
        for (descriptor, bytes) in attached.flatMap(\.contents.documents) + contents.documents {
            _ = try writer.put(bytes, descriptor.mediaType)
        }
        try writer.tag(contents.root, as: [name], with: attached.map(\.entry))
        return summary
    }
}

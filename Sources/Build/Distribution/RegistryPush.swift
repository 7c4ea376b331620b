import HTTP
import Images
import Linux
import OCI
import Registry

/// Puts an image, with everything that it names, into repositories.
///
/// Blobs come before manifests, manifests before what is attached to them, and tags last: whoever looks at any moment
/// sees the old image, or all of the new one.
struct RegistryPush {
    /// The repository that has a blob already: of the registry that gets it, it is mounted from there.
    typealias Origin = @Sendable (Descriptor) -> Registries.Place?

    private let registries: Registries
    private let transfers: Transfers

    init(_ registries: Registries, progress: @escaping (Progress) -> Void) {
        (self.registries, transfers) = (registries, Transfers(progress: progress))
    }

    /// Finds out whether all repositories may be written to.
    ///
    /// - Throws: `RegistryError`, `HTTPError`.
    func checkPermission(_ references: [Reference]) throws {
        for place in try Set(references.map(registries.placeToPush)).sorted(by: Self.isBefore) {
            try registries.withClient(at: place.endpoint) { try $0.checkPush(to: place.repository) }
        }
    }

    /// Puts everything there but the tags.
    ///
    /// - Parameters:
    ///   - contents: The image or index.
    ///   - references: Its names; of several in one repository all get it at once.
    ///   - origin: The place in a registry that it comes from: what is there can be taken over.
    ///   - open: Opens a blob; called on any thread.
    /// - Returns: What became of each blob.
    /// - Throws: `RegistryError`, `HTTPError`, and what `open` throws.
    func put(
        _ contents: ImageContents, to references: [Reference], from origin: @escaping Origin = { _ in nil },
        open: @escaping @Sendable (Descriptor) throws -> BlobContent
    ) throws -> TransferSummary {
        var summary = TransferSummary()
        var former: Registries.Place?
        for place in try Set(references.map(registries.placeToPush)).sorted(by: Self.isBefore) {
            let other = former
            summary =
                summary + (try put(contents.blobs, at: place, from: { other ?? origin($0) }, open: open))
            do {
                try put(contents.documents, at: place)
            } catch let error as RegistryError {
                // It said that it has a blob, and has lost it: collected, for no manifest named it yet.
                guard ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"].contains(where: error.has) else {
                    throw error
                }
                summary =
                    summary
                    + (try put(contents.blobs, at: place, areMissing: true, open: open))
                try put(contents.documents, at: place)
            }
            former = place
        }
        return summary
    }

    /// Gives the image its names.
    ///
    /// - Throws: `RegistryError`, `HTTPError`.
    func tag(_ contents: ImageContents, as references: [Reference]) throws {
        guard let root = contents.documents.last else { return }
        let content = try ManifestContent(root.bytes, mediaType: root.descriptor.mediaType)
        for reference in references {
            guard let tag = reference.tag else { continue }
            let place = try registries.placeToPush(reference)
            try registries.withClient(at: place.endpoint) { client in
                let known = try client.descriptor(of: .tag(tag), in: place.repository)
                guard known?.digest != content.digest else { return }
                do {
                    _ = try client.put(content, as: .tag(tag), in: place.repository)
                } catch let error as RegistryError {
                    guard registries.toleratesImmutableTags, known != nil, error.isOfImmutableTag else {
                        throw error
                    }
                }
            }
        }
    }

    /// Sends the blobs that a repository does not have, four at once.
    func put(
        _ blobs: [Descriptor], at place: Registries.Place, from origin: @escaping Origin = { _ in nil },
        areMissing: Bool = false,
        open: @escaping @Sendable (Descriptor) throws -> BlobContent
    ) throws -> TransferSummary {
        try transfers.run(blobs) { [registries] blob, progress in
            let other = origin(blob)
            let mounting = other?.endpoint == place.endpoint ? other?.repository : nil
            try withoutActuallyEscaping(progress) { progress in
                try registries.withClient(at: place.endpoint) { client in
                    // Opened when the registry wants it: most are there already.
                    var content: BlobContent?
                    do {
                        try client.pushBlob(
                            blob.digest, size: blob.size, to: place.repository, mounting: mounting,
                            isMissing: areMissing, progress: progress
                        ) { offset, piece in
                            let opened = try content ?? Self.opened(blob, open)
                            content = opened
                            try opened.read(at: offset, appendingTo: &piece)
                        }
                    } catch let error as RegistryError {
                        // What came is not what was announced: perhaps it is not here either.
                        if error.has("DIGEST_INVALID"), case .file(let file)? = content {
                            try Digest.check(file, blob.digest)
                        }
                        throw error
                    }
                }
            }
        }
    }

    /// A source that fails is not the destination's failure, and is not tried again as one.
    private static func opened(
        _ blob: Descriptor, _ open: (Descriptor) throws -> BlobContent
    ) throws -> BlobContent {
        do {
            return try open(blob)
        } catch let error as HTTPError {
            throw BuildError.cannotFetch(blob.digest, "\(error)")
        }
    }

    /// Stores manifests and indexes under their digests, in their order.
    func put(
        _ documents: some Collection<(descriptor: Descriptor, bytes: [UInt8])>, at place: Registries.Place
    ) throws {
        guard !documents.isEmpty else { return }
        try registries.withClient(at: place.endpoint) { client in
            for (descriptor, bytes) in documents {
                let isThere =
                    try client.descriptor(of: .digest(descriptor.digest), in: place.repository) != nil
                if isThere { continue }
                let content = try ManifestContent(bytes, mediaType: descriptor.mediaType)
                _ = try client.put(content, as: .digest(descriptor.digest), in: place.repository)
            }
        }
    }

    private static func isBefore(_ first: Registries.Place, _ second: Registries.Place) -> Bool {
        (first.endpoint.registry, first.repository) < (second.endpoint.registry, second.repository)
    }
}

extension RegistryError {
    /// Whether a tag that is there must stay what it is, in the words of the registries that have such tags.
    ///
    /// Source: Amazon ECR's `ImageTagAlreadyExistsException`; Google Artifact Registry's answer to such a push.
    fileprivate var isOfImmutableTag: Bool {
        let words = description.lowercased()
        return ["immutable", "cannot be overwritten", "cannot update tag"].contains { words.contains($0) }
    }
}

import Images
import Linux
import OCI
import Registry

/// Puts what is said about images into a repository, beside what others said.
struct AttachmentPush {
    /// How often cosign's image is written anew where others write it, too.
    private static let tries: UInt32 = 30

    private let push: RegistryPush
    private let registries: Registries
    private let place: Registries.Place
    private let progress: (Progress) -> Void

    init(_ registries: Registries, at place: Registries.Place, progress: @escaping (Progress) -> Void) {
        push = RegistryPush(registries, progress: progress)
        (self.registries, self.place, self.progress) = (registries, place, progress)
    }

    /// Copies attachments from elsewhere: cosign's images are joined with those that are there.
    ///
    /// - Parameters:
    ///   - attached: Entries as ``ImageSource/attachments(of:)`` gives them, and what they consist of.
    ///   - source: Has them.
    ///   - origin: Where in a registry that is: blobs that are there can be taken over.
    /// - Returns: What became of each blob.
    /// - Throws: `ImageError`, `RegistryError`, `HTTPError`.
    func copy(
        _ attached: [(entry: Descriptor, contents: ImageContents)], from source: ImageSource,
        at origin: Registries.Place? = nil
    ) throws -> TransferSummary {
        var summary = TransferSummary()
        for (entry, contents) in attached {
            let blobs = contents.blobs
            summary =
                summary
                + (try push.put(blobs, at: place, from: { _ in origin }) { .file(try source.openBlob($0)) })
            let manifest = try source.manifest(entry).value
            let content = try ManifestContent(source.document(entry), mediaType: entry.mediaType)
            if let (kind, image) = CosignImage.subject(of: entry) {
                try join(manifest, kind, of: image, as: content)
            } else if let subject = manifest.subject {
                try putReferrer(content, entry, of: subject.digest)
            }
        }
        return summary
    }

    /// Adds one attachment in both forms.
    ///
    /// - Throws: `RegistryError`, `HTTPError`.
    func add(_ attachment: Attachment, to image: Descriptor, at time: Timestamp) throws {
        let cosign = try attachment.cosignImage(of: image.digest, after: [])
        try put(cosign.blobs)
        guard let (kind, digest) = CosignImage.subject(of: cosign.entry) else { return }
        try join(Document<Manifest>(parsing: cosign.bytes).value, kind, of: digest)
        guard let artifact = try attachment.referrer(to: image, at: time) else { return }
        try put(artifact.blobs)
        try putReferrer(
            ManifestContent(artifact.bytes, mediaType: artifact.entry.mediaType), artifact.entry,
            of: image.digest)
    }

    private func put(_ blobs: [(descriptor: Descriptor, bytes: [UInt8])]) throws {
        try registries.withClient(at: place.endpoint) { client in
            for (descriptor, bytes) in blobs {
                try client.pushBlob(descriptor.digest, size: descriptor.size, to: place.repository) {
                    offset, piece in
                    try BlobContent.bytes(bytes).read(at: offset, appendingTo: &piece)
                }
            }
        }
    }

    private func putReferrer(
        _ content: ManifestContent, _ entry: Descriptor, of subject: Digest
    ) throws {
        do {
            try registries.withClient(at: place.endpoint) {
                try $0.putReferrer(content, entry: entry, of: subject, in: place.repository)
            }
        } catch let error as RegistryError {
            // Some know neither subjects nor artifacts; cosign's image says the same.
            guard let status = error.status, [400, 404, 405, 415, 422].contains(status) else { throw error }
            progress(.note(.noReferrers("\(error)")))
        }
    }

    /// Writes cosign's image with our layers behind those that are there, until nobody has written over it.
    ///
    /// A registry lets the later of two writers win. So what the new manifest needs is there before it is decided what
    /// it joins, and the image is read again after it was written, when whoever read before the writing has written.
    ///
    /// `original` is the manifest as it is elsewhere, which stays as it is where nothing is there yet.
    private func join(
        _ manifest: Manifest, _ kind: CosignImage.Kind, of image: Digest, as original: ManifestContent? = nil
    ) throws {
        let tag = RegistryClient.ManifestName.tag(kind.name(for: image))
        try registries.withClient(at: place.endpoint) { client in
            var wanted = manifest
            for attempt in 1...Self.tries {
                let current = try client.manifest(tag, in: place.repository)
                let known = try current.map { try Document<Manifest>(parsing: $0.bytes).value }
                let others = known ?? Manifest(config: manifest.config, layers: [])
                guard let next = try CosignImage.merging(others, wanted, kind, of: image) else { return }
                var content = try ManifestContent(next.bytes, mediaType: next.entry.mediaType)
                if let original, current == nil { content = original } else { try put(next.blobs) }
                let began = Machine.ticks
                guard try client.manifest(tag, in: place.repository)?.digest == current?.digest else {
                    continue
                }
                _ = try client.put(content, as: tag, in: place.repository)
                wanted = try Document<Manifest>(parsing: content.bytes).value
                let needed = UInt32(clamping: (Machine.ticks - began) / 1_000_000)
                Machine.sleep(milliseconds: min(2 * needed, 5000) + .random(in: 20...min(100 * attempt, 500)))
                try Interruption.check()
            }
            throw BuildError.attachmentsInDispute(image, repository: place.repository)
        }
    }
}

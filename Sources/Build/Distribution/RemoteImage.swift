import Images
import Linux
import OCI
import Registry
import SystemPackage

/// An image in a registry: its documents are read when they are wanted, its blobs brought when they are.
struct RemoteImage {
    /// Where it was found.
    let place: Registries.Place
    /// What its tag or digest stands for: an image, or an index of images.
    let root: Descriptor
    /// The image, and what is attached to it as far as that was asked for.
    let source: ImageSource

    /// Finds it.
    ///
    /// - Parameters:
    ///   - reference: A tag, a digest, or both; then the digest decides.
    ///   - registries: How they are spoken to.
    ///   - hasAttachments: Whether attestations and signatures are looked for, too.
    /// - Throws: ``BuildError/noSuchImage(_:)``, `RegistryError`, `HTTPError`, and what asking for credentials throws.
    init(_ reference: Reference, in registries: Registries, hasAttachments: Bool = false) throws {
        let (place, content) = try Self.find(reference, registries)
        (self.place, root) = (place, content.descriptor)
        var entries = [content.descriptor]
        if hasAttachments {
            entries += try Self.attachments(of: Self.subjects(content), at: place, registries)
        }
        let known = [content.digest: content.bytes]
        source = ImageSource(
            named: "\(reference)", index: Index(manifests: entries),
            fetching: BlobFetch { descriptor in
                try known[descriptor.digest] ?? Self.document(descriptor, at: place, registries)
            } blob: { descriptor in
                try Self.blob(descriptor, at: place, registries)
            })
    }

    private static func find(
        _ reference: Reference, _ registries: Registries
    ) throws -> (Registries.Place, ManifestContent) {
        let name = reference.manifestName
        var failure: (any Error)?
        for place in try registries.placesToPull(reference) {
            do {
                let found = try registries.withClient(at: place.endpoint) {
                    try $0.manifest(name, in: place.repository)
                }
                if let found { return (place, found) }
            } catch let error as Interruption {
                throw error
            } catch {
                // Another place may have it; the first failure says most.
                failure = failure ?? error
            }
        }
        throw failure ?? BuildError.noSuchImage(reference)
    }

    /// The image, and of an index those that it names.
    private static func subjects(_ content: ManifestContent) -> [Digest] {
        guard content.mediaType.isIndex, let index = try? Document<Index>(parsing: content.bytes) else {
            return [content.digest]
        }
        return [content.digest] + index.value.manifests.prefix(100).map(\.digest)
    }

    /// What a registry has about some images, as a layout's index would have it.
    static func attachments(
        of images: [Digest], at place: Registries.Place, _ registries: Registries
    ) throws -> [Descriptor] {
        try registries.withClient(at: place.endpoint) { client in
            var entries: [Descriptor] = []
            for image in images {
                for kind in CosignImage.Kind.allCases {
                    let tag = RegistryClient.ManifestName.tag(kind.name(for: image))
                    guard let found = try client.descriptor(of: tag, in: place.repository) else { continue }
                    entries.append(CosignImage.entry(found, kind, of: image))
                }
                entries += try client.referrers(of: image, in: place.repository)
            }
            return entries
        }
    }

    private static func document(
        _ descriptor: Descriptor, at place: Registries.Place, _ registries: Registries
    ) throws -> [UInt8] {
        try registries.withClient(at: place.endpoint) { client in
            if descriptor.mediaType.isIndex || descriptor.mediaType.isManifest {
                let name = RegistryClient.ManifestName.digest(descriptor.digest)
                guard let found = try client.manifest(name, in: place.repository) else {
                    throw BuildError.missingInRegistry(
                        descriptor.digest, repository: place.repository)
                }
                return found.bytes
            }
            var bytes: [UInt8] = []
            try client.pullBlob(descriptor.digest, size: descriptor.size, from: place.repository) { span in
                for index in span.indices { bytes.append(span[index]) }
            }
            return bytes
        }
    }

    /// A file without a name, which is gone when nobody reads it any more.
    private static func blob(
        _ descriptor: Descriptor, at place: Registries.Place, _ registries: Registries
    ) throws -> FileSlice {
        var file = try TemporaryFile(in: Directory.open(Machine.temporaryDirectory))
        try file.forgetName()
        try registries.withClient(at: place.endpoint) { client in
            _ = try client.pullBlob(descriptor.digest, size: descriptor.size, from: place.repository) {
                try file.write($0)
            }
        }
        return try file.slice()
    }
}

extension Reference {
    /// What the registry is asked for: the digest decides.
    var manifestName: RegistryClient.ManifestName {
        if let digest { return .digest(digest) }
        return .tag(tag ?? "latest")
    }
}

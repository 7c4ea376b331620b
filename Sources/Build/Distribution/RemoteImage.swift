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
    /// The image.
    let source: ImageSource
    private let fetch: BlobFetch

    /// Finds it.
    ///
    /// - Parameters:
    ///   - reference: A tag, a digest, or both; then the digest decides.
    ///   - registries: How they are spoken to.
    ///   - isAtOrigin: Whether it must be the one at its own registry, and not one that others have for it.
    /// - Throws: ``BuildError/noSuchImage(_:)``, `RegistryError`, `HTTPError`, and what asking for credentials throws.
    init(_ reference: Reference, in registries: Registries, isAtOrigin: Bool = false) throws {
        let places =
            try isAtOrigin ? [registries.placeToPush(reference)] : registries.placesToPull(reference)
        let (place, content) = try Self.find(reference, places, registries)
        (self.place, root) = (place, content.descriptor)
        let known = Monitor([content.digest: content.bytes])
        fetch = BlobFetch { descriptor in
            if let bytes = known.update({ $0[descriptor.digest] }) { return bytes }
            let bytes = try Self.document(descriptor, at: place, registries)
            known.update { Self.remember(bytes, of: descriptor, in: &$0) }
            return bytes
        } blob: { descriptor in
            try Self.blob(descriptor, at: place, registries)
        }
        source = ImageSource(
            named: "\(reference)", index: Index(manifests: [content.descriptor]), fetching: fetch)
    }

    /// The most documents that are remembered, and the most bytes of one: manifests are asked for several times.
    private static let memory = (documents: 256, bytes: 256 << 10)

    private static func remember(
        _ bytes: [UInt8], of descriptor: Descriptor, in known: inout [Digest: [UInt8]]
    ) {
        guard bytes.count <= memory.bytes, known.count < memory.documents else { return }
        known[descriptor.digest] = bytes
    }

    /// The same with what is attached to the root and to one of its images.
    func source(withAttachmentsOf image: Descriptor, in registries: Registries) throws -> ImageSource {
        let images = image.digest == root.digest ? [root.digest] : [root.digest, image.digest]
        let attached = try Self.attachments(of: images, at: place, registries)
        return ImageSource(
            named: "\(source.path)", index: Index(manifests: [root] + attached), fetching: fetch)
    }

    private static func find(
        _ reference: Reference, _ places: [Registries.Place], _ registries: Registries
    ) throws -> (Registries.Place, ManifestContent) {
        let name = reference.manifestName
        var failure: (any Error)?
        for place in places {
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

    /// The most images whose attachments are looked for, and the most attachments of one.
    static let attachmentLimits = (images: 100, each: 1000)

    /// What a registry has about some images, as a layout's index would have it.
    ///
    /// Of a list of referrers only digests and kinds count: names in it are anybody's.
    static func attachments(
        of images: [Digest], at place: Registries.Place, _ registries: Registries
    ) throws -> [Descriptor] {
        try registries.withClient(at: place.endpoint) { client in
            var entries: [Descriptor] = []
            for image in images.prefix(attachmentLimits.images) {
                for kind in CosignImage.Kind.allCases {
                    let tag = RegistryClient.ManifestName.tag(kind.name(for: image))
                    guard let found = try client.descriptor(of: tag, in: place.repository) else { continue }
                    entries.append(CosignImage.entry(found.plain, kind, of: image))
                }
                entries += try client.referrers(of: image, in: place.repository)
                    .prefix(attachmentLimits.each).filter(\.mediaType.isManifest).map(\.plain)
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

import Images
public import OCI
import Registry

/// Images of several platforms that shall be one.
public struct IndexRequest: Sendable {
    /// The bytes of the index's place.
    public let destination: [UInt8]
    /// The bytes of the images' places; of an index all images count.
    public let sources: [[UInt8]]
    /// `name=value`: what the index says about itself.
    public var annotations: [String] = []
    /// How registries are spoken to.
    public var distribution: DistributionSettings?

    /// A request without annotations.
    public init(destination: [UInt8], sources: [[UInt8]]) {
        (self.destination, self.sources) = (destination, sources)
    }
}

/// Makes an index of images; those that are elsewhere are copied to where it goes.
public struct IndexCreator {
    /// An image and where its blobs are.
    private struct Part {
        let source: ImageSource
        let place: Registries.Place?
        let entries: [Descriptor]
        let contents: ImageContents
    }

    private let request: IndexRequest
    private let progress: (Progress) -> Void

    /// Gets ready; progress is told on the caller's thread.
    public init(_ request: IndexRequest, progress: @escaping (Progress) -> Void) {
        (self.request, self.progress) = (request, progress)
    }

    /// Makes it.
    ///
    /// - Returns: The index's digest.
    /// - Throws: ``BuildError`` and the errors of the rooms below; ``ErrorClass`` sorts them.
    public func create() throws -> Digest {
        guard !request.sources.isEmpty else { throw BuildError.usage("image", "give at least one") }
        let destination = try ImagePlace(writing: request.destination)
        _ = try destination.writtenName
        let annotations = try ImageSettings.pairs(request.annotations, "--annotation")
        let registries = try Registries(request.distribution)
        let parts = try request.sources.map { try part($0, registries) }
        let entries = parts.flatMap(\.entries)
        try refuseTwice(entries)
        let index = Index(manifests: entries, annotations: annotations)
        let contents = try ImageContents(index: index, of: parts.map(\.contents))
        switch destination {
        case .stored(let location): try store(contents, parts, at: location, registries)
        case .registry(let reference): try push(contents, parts, to: reference, registries)
        }
        return contents.root.digest
    }

    private func part(_ text: [UInt8], _ registries: Registries) throws -> Part {
        let place = try ImagePlace(parsing: text)
        let (source, root, found): (ImageSource, Descriptor, Registries.Place?)
        switch place {
        case .stored(let location):
            source = try ImageSource(reading: location)
            (root, found) = (try source.top(location.selector), nil)
        case .registry(let reference):
            let remote = try RemoteImage(reference, in: registries)
            (source, root, found) = (remote.source, remote.root, remote.place)
        }
        let plain = Descriptor(mediaType: root.mediaType, digest: root.digest, size: root.size)
        return Part(
            source: source, place: found, entries: try source.platforms(of: plain),
            contents: try ImageContents(of: plain, in: source))
    }

    /// Two images of one platform: nobody would ever see the second.
    private func refuseTwice(_ entries: [Descriptor]) throws(BuildError) {
        var seen: Set<Platform> = []
        for platform in entries.compactMap({ $0.platform?.normalized })
        where platform.os != "unknown" && !seen.insert(platform).inserted {
            throw .usage("image", "two of the images are for \(platform)")
        }
    }

    private func store(
        _ contents: ImageContents, _ parts: [Part], at location: ImageLocation, _ registries: Registries
    ) throws {
        guard location.transport == .layout else {
            throw BuildError.usage(
                "index", "an archive holds one image; write the index to oci:DIR or a registry")
        }
        let origins = Self.origins(parts, registries)
        _ = try LayoutPull(progress: progress).pull(contents, with: [], to: location) {
            blob, progress, receive in
            try origins[blob.digest]?.read(blob, progress: progress, receive)
        }
    }

    private func push(
        _ contents: ImageContents, _ parts: [Part], to reference: Reference, _ registries: Registries
    ) throws {
        let push = RegistryPush(registries, progress: progress)
        try push.checkPermission([reference])
        for part in parts {
            let source = part.source
            _ = try push.put(part.contents, to: [reference], from: { [place = part.place] _ in place }) {
                .file(try source.openBlob($0))
            }
        }
        let root = contents.documents.suffix(1)
        try push.put(Array(root), at: registries.placeToPush(reference))
        try push.tag(contents, as: [reference])
    }

    private static func origins(_ parts: [Part], _ registries: Registries) -> [Digest: BlobOrigin] {
        var origins: [Digest: BlobOrigin] = [:]
        for part in parts {
            let origin = BlobOrigin(source: part.source, place: part.place, registries: registries)
            for blob in part.contents.blobs { origins[blob.digest] = origin }
        }
        return origins
    }
}

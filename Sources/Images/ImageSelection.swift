import Linux
public import OCI

extension ImageSource {
    /// The descriptor of the image manifest that a name or digest and a platform choose.
    ///
    /// Nested indexes are followed. Of images for several platforms the first one counts that is for `platform`,
    /// or for this machine where that is `nil`.
    ///
    /// - Parameters:
    ///   - selector: The image's name or digest; `nil` means the only one there is.
    ///   - platform: The machine that the image must be for.
    /// - Returns: An image manifest's descriptor, as the index that lists it has it.
    /// - Throws: ``ImageError``: no such image, several, none for the platform; and what reading a document throws.
    public func resolve(_ selector: ImageLocation.Selector?, platform: Platform? = nil) throws -> Descriptor {
        let named = try candidates(selector)
        var search = ManifestSearch(of: self)
        try search.visit(named, depth: 1)
        let images = search.images
        guard let first = images.first else {
            let what = named.first.map { "\($0.digest) is of the media type \($0.mediaType)" }
            throw ImageError.notAnImage(path, what ?? "its index is empty")
        }
        if images.count == 1, platform == nil { return first }
        let wanted = (platform ?? .host(machine: Machine.hardware)).normalized
        var available: [Platform] = []
        var known: Set<Platform> = []
        var matching: [Descriptor] = []
        for image in images {
            let own = try image.platform ?? configuration(of: manifest(image).value).value.platform
            let normalized = own.normalized
            if normalized == wanted { matching.append(image) }
            if known.insert(normalized).inserted { available.append(normalized) }
        }
        guard let found = matching.first else {
            throw ImageError.noPlatform(path, wanted, available: available)
        }
        // One index lists images in order of preference; several images of one name have no order.
        if named.count > 1, matching.count > 1 {
            throw ImageError.ambiguous(path, names: matching.map { "@\($0.digest)" })
        }
        return found
    }

    /// What a selector names: an image, or an index of images.
    ///
    /// - Throws: ``ImageError``: no such image, or several.
    public func top(_ selector: ImageLocation.Selector?) throws -> Descriptor {
        let found = try candidates(selector)
        guard let first = found.first, found.count == 1 else {
            throw ImageError.ambiguous(path, names: found.map { "@\($0.digest)" })
        }
        return first
    }

    /// The images of an index as it lists them, or an image itself, with the platform that its configuration names.
    ///
    /// - Throws: ``ImageError``, and what reading documents throws.
    public func platforms(of root: Descriptor) throws -> [Descriptor] {
        if root.mediaType.isIndex { return try nestedIndex(root).value.manifests }
        var entry = root
        entry.platform = try configuration(of: manifest(root).value).value.platform
        return [entry]
    }

    /// What a selector names, in the index itself or, by its digest, below it.
    private func candidates(_ selector: ImageLocation.Selector?) throws -> [Descriptor] {
        let manifests = index().manifests
        let found: [Descriptor]
        let wanted: String
        switch selector {
        case .name(let name): (found, wanted) = (named(name), name)
        case .digest(let digest):
            wanted = "\(digest)"
            if let direct = manifests.first(where: { $0.digest == digest }) {
                found = [direct]
            } else {
                var search = ManifestSearch(of: self)
                try search.visit(manifests, depth: 1)
                found = search.all.first { $0.digest == digest }.map { [$0] } ?? []
            }
        case nil:
            let manifests = manifests.filter { !$0.isAttachment }
            // Without names it may be the list of one image's platforms.
            let isOneImage = manifests.allSatisfy { $0.referenceName == nil && $0.platform != nil }
            guard Set(manifests.map(\.digest)).count <= 1 || isOneImage else {
                throw ImageError.ambiguous(path, names: manifests.compactMap(\.referenceName))
            }
            (found, wanted) = (manifests, "at all")
        }
        guard !found.isEmpty else {
            throw ImageError.noSuchImage(
                path, wanted, names: manifests.compactMap(\.referenceName))
        }
        var seen: Set<Digest> = []
        return found.filter { seen.insert($0.digest).inserted }
    }

    /// What has this name; else what containerd or Docker calls so.
    private func named(_ name: String) -> [Descriptor] {
        let manifests = index().manifests
        let exact = manifests.filter { $0.referenceName?.utf8.elementsEqual(name.utf8) == true }
        guard exact.isEmpty, let full = try? Reference(parsing: name).completed.description else {
            return exact
        }
        return manifests.filter { $0.annotations["io.containerd.image.name"] == full }
    }
}

/// The image manifests below some descriptors, through nested indexes, in their order.
struct ManifestSearch {
    private static let depth = 8
    private static let limit = 10_000

    private let source: ImageSource
    private var visited: Set<Digest> = []
    /// Every descriptor that was met.
    private(set) var all: [Descriptor] = []
    /// Those of images, each once.
    private(set) var images: [Descriptor] = []

    init(of source: ImageSource) { self.source = source }

    mutating func visit(_ descriptors: [Descriptor], depth: Int) throws {
        guard depth <= Self.depth, all.count + descriptors.count <= Self.limit else {
            throw ImageError.malformedDocument(
                source.path,
                "its indexes lie in one another more than \(Self.depth) deep or name more than \(Self.limit) images"
            )
        }
        all += descriptors
        for descriptor in descriptors where descriptor.mediaType.isIndex || descriptor.isImage {
            guard visited.insert(descriptor.digest).inserted else { continue }
            if descriptor.mediaType.isIndex {
                try visit(source.nestedIndex(descriptor).value.manifests, depth: depth + 1)
            } else {
                images.append(descriptor)
            }
        }
    }
}

extension Descriptor {
    /// The name that a layout's index gives the image.
    ///
    /// Source: OCI image-spec v1.1, annotations.md, `org.opencontainers.image.ref.name`.
    public var referenceName: String? { annotations["org.opencontainers.image.ref.name"] }

    /// Whether it may be an image: what a builder attests beside one is for the platform `unknown/unknown`.
    fileprivate var isImage: Bool {
        mediaType.isManifest && artifactType == nil && platform?.os != "unknown" && !isAttachment
    }

    /// Whether it is no image but says something about one.
    var isAttachment: Bool {
        artifactType != nil || annotations["vnd.docker.reference.type"] == "attestation-manifest"
            || CosignImage.Kind.allCases.contains { annotations[CosignImage.kindAnnotation] == $0.rawValue }
    }
}

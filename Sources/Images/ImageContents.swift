public import OCI

/// All that one image consists of, or an index of images, in an order in which it may be stored: what is named comes
/// before what names it.
public struct ImageContents: Sendable {
    private static let depth = 8
    private static let limit = 10_000

    /// The image or index itself.
    public let root: Descriptor
    /// Configurations and layers, each once.
    public private(set) var blobs: [Descriptor] = []
    /// Manifests and indexes with their bytes, each once; the root comes last.
    public private(set) var documents: [(descriptor: Descriptor, bytes: [UInt8])] = []
    private var seen: Set<Digest> = []

    /// Reads the documents of everything below a descriptor.
    ///
    /// - Throws: ``ImageError``, `FileError`, and what fetching throws; also where indexes lie in one another without end.
    public init(of root: Descriptor, in source: ImageSource) throws {
        self.root = root
        try add(root, source, depth: 1)
    }

    private mutating func add(_ descriptor: Descriptor, _ source: ImageSource, depth: Int) throws {
        guard depth <= Self.depth, seen.count < Self.limit else {
            throw ImageError.malformedDocument(
                source.path,
                "its indexes lie in one another more than \(Self.depth) deep or name more than \(Self.limit) blobs"
            )
        }
        guard seen.insert(descriptor.digest).inserted else { return }
        if descriptor.mediaType.isIndex {
            for entry in try source.nestedIndex(descriptor).manifests {
                try add(entry, source, depth: depth + 1)
            }
        } else if descriptor.mediaType.isManifest {
            let manifest = try source.manifest(descriptor).value
            for blob in [manifest.config] + manifest.layers where seen.insert(blob.digest).inserted {
                blobs.append(blob)
            }
        } else {
            throw ImageError.malformedDocument(
                source.place(of: descriptor.digest),
                "an index names it as \(descriptor.mediaType), and what blobs that needs is not known")
        }
        documents.append((descriptor, try source.document(descriptor)))
    }

    /// A new image's.
    init(root: Descriptor, blobs: [Descriptor], documents: [(descriptor: Descriptor, bytes: [UInt8])]) {
        (self.root, self.blobs, self.documents) = (root, blobs, documents)
    }

    /// A new index of images.
    public init(index: Index, of images: [ImageContents]) throws {
        let bytes = Document(index).bytes
        let root = Descriptor(
            mediaType: index.mediaType, digest: try Digest.of(bytes), size: Int64(bytes.count))
        var (seen, known): (Set<Digest>, Set<Digest>) = ([], [])
        self.init(
            root: root, blobs: images.flatMap(\.blobs).filter { seen.insert($0.digest).inserted },
            documents: images.flatMap(\.documents).filter { known.insert($0.descriptor.digest).inserted }
                + [(root, bytes)])
    }

    /// The digests of all images and indexes there: what attestations may be about.
    public var subjects: [Digest] { documents.map(\.descriptor.digest) }
}

extension ImageSource {
    /// What the index holds that says something about one of some images: attestations and signatures.
    ///
    /// - Returns: Their descriptors, those of cosign's images with their names.
    public func attachments(of images: [Digest]) -> [Descriptor] {
        let names = Set(images.flatMap { image in CosignImage.Kind.allCases.map { $0.name(for: image) } })
        var seen: Set<Digest> = []
        return index().manifests.filter { entry in
            guard entry.mediaType.isManifest, !images.contains(entry.digest) else { return false }
            let isNamed = entry.referenceName.map { names.contains($0) } ?? false
            let subject = isNamed ? nil : (try? manifest(entry))?.value.subject?.digest
            guard isNamed || subject.map({ images.contains($0) }) == true else { return false }
            return seen.insert(entry.digest).inserted
        }
    }
}

public import OCI

/// All that one image consists of, or an index of images, in an order in which it may be stored: what is named comes
/// before what names it.
public struct ImageContents: Sendable {
    private static let depth = 8
    private static let limit = 10_000
    /// The most bytes of all documents, which are held.
    private static let documentBytes = 256 << 20
    /// The most bytes of all blobs: whatever is added up of them stays a number.
    private static let blobBytes = Int64(1) << 56

    /// The image or index itself.
    public let root: Descriptor
    /// Configurations and layers, each once.
    public private(set) var blobs: [Descriptor] = []
    /// Manifests and indexes with their bytes, each once; the root comes last.
    public private(set) var documents: [(descriptor: Descriptor, bytes: [UInt8])] = []
    private var seen: Set<Digest> = []
    private var seenBlobs: Set<Digest> = []
    private var sizes = (documents: 0, blobs: Int64(0))

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
        let bytes: [UInt8]
        if descriptor.mediaType.isIndex {
            let index = try source.nestedIndex(descriptor)
            bytes = index.bytes
            for entry in index.value.manifests {
                try add(entry, source, depth: depth + 1)
            }
        } else if descriptor.mediaType.isManifest {
            let manifest = try source.manifest(descriptor)
            bytes = manifest.bytes
            for blob in [manifest.value.config] + manifest.value.layers
            where seenBlobs.insert(blob.digest).inserted {
                guard blob.size <= Self.blobBytes - sizes.blobs, seenBlobs.count <= Self.limit else {
                    throw ImageError.malformedDocument(
                        source.place(of: descriptor.digest), "its blobs are more, or larger, than can be")
                }
                sizes.blobs += blob.size
                blobs.append(blob)
            }
        } else {
            throw ImageError.malformedDocument(
                source.place(of: descriptor.digest),
                "an index names it as \(descriptor.mediaType), and what blobs that needs is not known")
        }
        sizes.documents += bytes.count
        guard sizes.documents <= Self.documentBytes else {
            throw ImageError.malformedDocument(
                source.path, "its indexes and manifests have more than \(Self.documentBytes) bytes")
        }
        documents.append((descriptor, bytes))
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
    /// An entry's own words do not count but for its kind: who adds an attestation shall not name an image with it.
    ///
    /// - Returns: Their descriptors, those of cosign's images with their names.
    public func attachments(of images: [Digest]) -> [Descriptor] {
        var seen: Set<Digest> = []
        return index().manifests.compactMap { entry in
            guard entry.mediaType.isManifest, !images.contains(entry.digest) else { return nil }
            if let (kind, image) = CosignImage.subject(of: entry), images.contains(image) {
                return CosignImage.entry(entry.plain, kind, of: image)
            }
            let subject = (try? manifest(entry))?.value.subject?.digest
            guard subject.map({ images.contains($0) }) == true, seen.insert(entry.digest).inserted else {
                return nil
            }
            return entry.plain
        }
    }
}

extension Descriptor {
    /// Only what it names, and what kind of artifact that is.
    public var plain: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: size, artifactType: artifactType)
    }
}

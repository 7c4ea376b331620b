import Linux
public import OCI
import SystemPackage

/// Everything that some descriptors lead to: indexes, manifests, configurations, layers; and what is wrong with it.
///
/// Documents are verified and read, blobs are only found.
public struct ImageGraph {
    /// A blob that something names.
    public struct Blob: Hashable, Sendable {
        /// As it is named.
        public let descriptor: Descriptor
        /// What a configuration says of the layer's tar; `nil` for what is no image's layer.
        public let diffID: Digest?
    }

    private static let depth = 8
    private static let limit = 100_000

    private let source: ImageSource
    private var visited: Set<Descriptor> = []
    private var seen: Set<Blob> = []
    /// What is no document: layers, and blobs of kinds that nobody here knows.
    public private(set) var blobs: [Blob] = []
    /// The digests of all that was named, documents and blobs.
    public private(set) var digests: Set<Digest> = []
    /// What indexes name and is neither index nor manifest: what such a thing needs nobody here knows.
    public private(set) var unknownKinds: [Descriptor] = []
    /// How many documents are as they should be.
    public private(set) var documents = 0
    /// What is wrong, in the order it was met.
    public private(set) var faults: [any Error] = []

    /// Follows the descriptors.
    public init(of source: ImageSource, from descriptors: [Descriptor]) {
        self.source = source
        follow(descriptors, depth: 1)
    }

    private mutating func follow(_ descriptors: [Descriptor], depth: Int) {
        guard depth <= Self.depth, visited.count + descriptors.count <= Self.limit else {
            faults.append(
                ImageError.malformedDocument(
                    source.path,
                    "its indexes lie in one another more than \(Self.depth) deep or name more than \(Self.limit) blobs"
                ))
            return
        }
        for descriptor in descriptors {
            // Two names of one image are one image.
            let plain = Descriptor(
                mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size)
            guard visited.insert(plain).inserted else { continue }
            digests.insert(descriptor.digest)
            do {
                if descriptor.mediaType.isIndex {
                    let index = try source.nestedIndex(descriptor).value
                    documents += 1
                    if let subject = index.subject { followSubject(subject, depth: depth) }
                    follow(index.manifests, depth: depth + 1)
                } else if descriptor.mediaType.isManifest {
                    let manifest = try source.manifest(descriptor).value
                    documents += 1
                    if let subject = manifest.subject { followSubject(subject, depth: depth) }
                    try follow(manifest, at: descriptor)
                } else {
                    unknownKinds.append(descriptor)
                    try add(Blob(descriptor: descriptor, diffID: nil))
                }
            } catch {
                faults.append(error)
            }
        }
    }

    /// What an attestation is about need not be here.
    private mutating func followSubject(_ subject: Descriptor, depth: Int) {
        digests.insert(subject.digest)
        let isMissing: Bool
        do {
            isMissing = try source.storedBlob(subject.digest) == nil
        } catch let error as FileError where error.errno == .noSuchFileOrDirectory {
            isMissing = true
        } catch {
            isMissing = false
        }
        // One that is there and damaged is a fault: what it names nobody knows.
        if !isMissing { follow([subject], depth: depth + 1) }
    }

    private mutating func follow(_ manifest: Manifest, at descriptor: Descriptor) throws {
        digests.insert(manifest.config.digest)
        for layer in manifest.layers { digests.insert(layer.digest) }
        var diffIDs: [Digest?] = manifest.layers.map { _ in nil }
        if manifest.config.mediaType.isImageConfiguration {
            do {
                let configuration = try source.configuration(of: manifest).value
                documents += 1
                if configuration.diffIDs.count == manifest.layers.count {
                    diffIDs = configuration.diffIDs
                } else {
                    faults.append(
                        ImageError.malformedDocument(
                            source.place(of: manifest.config.digest),
                            "it speaks of \(configuration.diffIDs.count) layers, and the manifest \(descriptor.digest) has \(manifest.layers.count)"
                        ))
                }
            } catch {
                faults.append(error)
            }
        } else {
            try add(Blob(descriptor: manifest.config, diffID: nil))
        }
        for (layer, diffID) in zip(manifest.layers, diffIDs) {
            try add(Blob(descriptor: layer, diffID: layer.mediaType.isLayer ? diffID : nil))
        }
    }

    private mutating func add(_ blob: Blob) throws {
        guard digests.count <= Self.limit else { return }
        digests.insert(blob.descriptor.digest)
        if seen.insert(blob).inserted { blobs.append(blob) }
    }
}

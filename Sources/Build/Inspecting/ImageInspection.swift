import Images
import Layers
public import OCI
public import SystemPackage

/// What an image at rest says of itself, and what its layers were found to hold.
public struct ImageInspection: Sendable {
    /// Its name in the layout, where it has one.
    public let name: String?
    /// The manifest's descriptor in the layout's index.
    public let descriptor: Descriptor
    /// The manifest.
    public let manifest: Document<Manifest>
    /// The configuration.
    public let configuration: Document<ImageConfiguration>
    /// The layers, the lowest first.
    public let layers: [Layer]
    /// What the index holds that says something about the image.
    public let attestations: [Attestation]
    /// The provenance beside the layout, where there is one.
    public let provenance: FilePath?
    /// Whether it is in a registry, and its layers were not brought here.
    public let isInRegistry: Bool

    /// A layer that was read.
    public struct Layer: Sendable {
        /// What the manifest says of it.
        public let descriptor: Descriptor
        /// The digest of its tar.
        public let diffID: Digest
        /// Bytes of the tar and its entries; `nil` for a layer of a kind that varve does not read, and of an image in a
        /// registry.
        public let content: (size: Int64, entries: Int)?
    }

    /// A manifest that says something about the image.
    public struct Attestation: Sendable {
        /// What the index says of it.
        public let descriptor: Descriptor
        /// What kind of artifact it says it is.
        public let artifactType: MediaType?
        /// The predicates of the statements in it, so far as it names them.
        public let predicateTypes: [String]
    }

    /// Reads the image; every document and every layer is checked against its digest.
    ///
    /// - Parameters:
    ///   - text: The bytes of a location such as `oci:DIR:TAG`, `oci-archive:FILE` or `oci:DIR@DIGEST`.
    ///   - settings: Platform, threads and limits.
    ///   - progress: Told on the caller's thread.
    /// - Throws: ``BuildError`` and the errors of the rooms below; ``ErrorClass`` sorts them.
    public init(
        parsing text: [UInt8], _ settings: ReadingSettings = ReadingSettings(),
        progress: @escaping (Progress) -> Void
    ) throws {
        let image = try StoredImage(parsing: text, settings, hasAttachments: true)
        descriptor = image.descriptor
        name = image.place.givenName ?? descriptor.referenceName
        (manifest, configuration) = (image.manifest, image.configuration)
        isInRegistry = image.place.path == nil
        provenance = ProvenanceLocation.beside(image.place)?.existing(of: descriptor.digest)
        attestations = image.source.attestations(of: descriptor.digest).map { found, manifest in
            Attestation(
                descriptor: found, artifactType: manifest.artifactType ?? found.artifactType,
                predicateTypes: Self.predicateTypes(in: manifest))
        }
        // Who looks at an image in a registry does not want to wait for its layers.
        layers =
            isInRegistry
            ? image.layers.map { Layer(descriptor: $0, diffID: $1, content: nil) }
            : try Self.read(image, settings, progress)
    }

    /// As BuildKit, cosign and sigstore's tools say them.
    private static func predicateTypes(in manifest: Manifest) -> [String] {
        let own = manifest.annotations["dev.sigstore.bundle.predicateType"].map { [$0] } ?? []
        return own
            + manifest.layers.compactMap {
                $0.annotations["in-toto.io/predicate-type"] ?? $0.annotations["predicateType"]
            }
    }

    private static func read(
        _ image: StoredImage, _ settings: ReadingSettings, _ progress: @escaping (Progress) -> Void
    ) throws -> [Layer] {
        var bytes: Int64 = 0
        let layers = image.layers
        return try layers.enumerated().map { number, layer in
            guard layer.descriptor.mediaType.isLayer else {
                return Layer(descriptor: layer.descriptor, diffID: layer.diffID, content: nil)
            }
            let summary = try image.listing(number, settings).forEach { count in
                bytes += Int64(count)
                progress(.reading(layer: number + 1, of: layers.count, bytes: bytes))
            } _: { _ in
            }
            return Layer(
                descriptor: layer.descriptor, diffID: layer.diffID, content: (summary.size, summary.entries))
        }
    }

    /// Bytes of all layers as they are stored.
    public var layersSize: Int64 {
        layers.reduce(0) { $0.addingReportingOverflow($1.descriptor.size).partialValue }
    }
}

public import Linux
public import OCI

/// An image that is complete and lies nowhere yet.
public struct NewImage: Sendable {
    /// A layer that goes into it.
    public struct Layer: Sendable {
        /// What the manifest says of it.
        public let descriptor: Descriptor
        /// Whether the bytes were hashed by this process, and need no second look while they are copied.
        public let isOwn: Bool
        /// Opens its bytes: an image may have more layers than a process has descriptors.
        public let open: @Sendable () throws -> FileSlice

        /// A layer, and what opens its bytes.
        public init(_ descriptor: Descriptor, isOwn: Bool, open: @escaping @Sendable () throws -> FileSlice) {
            (self.descriptor, self.isOwn, self.open) = (descriptor, isOwn, open)
        }
    }

    /// The manifest's descriptor; its digest is the image's.
    public let manifest: Descriptor
    /// The configuration's descriptor.
    public let config: Descriptor
    /// The layers, each blob once, in the manifest's order.
    public let layers: [Layer]
    /// Manifest and configuration as they are stored.
    let documents: [(descriptor: Descriptor, bytes: [UInt8])]
    let layerDescriptors: [Descriptor]

    /// Puts an image together from its configuration and its layers, the base's first.
    ///
    /// - Throws: `CryptographyError`.
    public init(
        configuration: ImageConfiguration, layers: [Layer], annotations: Annotations
    ) throws {
        let configBytes = Document(configuration).bytes
        config = Descriptor(
            mediaType: .imageConfiguration, digest: try Digest.of(configBytes), size: Int64(configBytes.count)
        )
        layerDescriptors = layers.map(\.descriptor)
        let bytes = Document(
            Manifest(config: config, layers: layerDescriptors, annotations: annotations)
        ).bytes
        manifest = Descriptor(
            mediaType: .imageManifest, digest: try Digest.of(bytes), size: Int64(bytes.count))
        documents = [(config, configBytes), (manifest, bytes)]
        var seen: Set<Digest> = []
        self.layers = layers.filter { seen.insert($0.descriptor.digest).inserted }
    }
}

extension NewImage {
    /// An image that is somewhere already, byte for byte.
    ///
    /// - Parameters:
    ///   - manifest: Its manifest.
    ///   - descriptor: The manifest's descriptor.
    ///   - source: Has the configuration, and the layers.
    /// - Throws: ``ImageError``, and what reading the configuration throws.
    public init(_ manifest: Document<Manifest>, _ descriptor: Descriptor, in source: ImageSource) throws {
        self.manifest = Descriptor(
            mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size)
        config = manifest.value.config
        layerDescriptors = manifest.value.layers
        documents = [
            (config, try source.configuration(of: manifest.value).bytes), (self.manifest, manifest.bytes),
        ]
        var seen: Set<Digest> = []
        layers = layerDescriptors.filter { seen.insert($0.digest).inserted }.map { layer in
            Layer(layer, isOwn: false) { try source.openBlob(layer) }
        }
    }

    /// The image as what it consists of; its configuration is a blob then.
    public var contents: ImageContents {
        ImageContents(
            root: manifest, blobs: [config] + layers.map(\.descriptor),
            documents: documents.filter { $0.descriptor.digest == manifest.digest })
    }

    /// A layer's content, or the configuration's.
    public func content(of blob: Descriptor) throws -> BlobContent {
        if let layer = layers.first(where: { $0.descriptor.digest == blob.digest }) {
            return .file(try layer.open())
        }
        return .bytes(documents.first { $0.descriptor.digest == blob.digest }?.bytes ?? [])
    }
}

extension NewImage.Layer {
    /// Appends the layer to a file and brings that to the disk.
    ///
    /// - Throws: ``ImageError/blobMismatch(_:expected:found:)`` where another's bytes are not what their digest says;
    ///   `FileError`, `Interruption`.
    func copy(to file: borrowing TemporaryFile) throws {
        let blob = try open()
        if isOwn {
            try file.append(blob)
        } else {
            try Digest.check(blob, descriptor.digest) { try file.write($0) }
        }
        try file.synchronize()
    }
}

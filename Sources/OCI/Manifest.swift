/// One image: its configuration and its layers, or an artifact in the same form.
///
/// Members that this package does not know survive reading and writing.
/// Manifests are equal when they are written with the same bytes.
///
/// Source: OCI image-spec v1.1, manifest.md; Docker "Image Manifest Version 2, Schema 2".
public struct Manifest: JSONDocument {
    /// ``MediaType/imageManifest`` or ``MediaType/dockerManifest``; always written.
    public let mediaType: MediaType
    /// What the image configuration, or the artifact's own configuration, is.
    public var config: Descriptor
    /// The layers, the base's first.
    public var layers: [Descriptor]
    /// The manifest that this one says something about.
    public var subject: Descriptor?
    /// The kind of artifact, when it is no image.
    public var artifactType: MediaType?
    /// Texts about the image.
    public var annotations: Annotations
    private var members: JSONObject

    /// Writes a manifest.
    ///
    /// - Parameters:
    ///   - mediaType: ``MediaType/imageManifest`` or ``MediaType/dockerManifest``.
    ///   - config: The configuration.
    ///   - layers: The layers, the base's first.
    ///   - subject: The manifest that this one says something about.
    ///   - artifactType: The kind of artifact, when it is no image.
    ///   - annotations: Texts about the image.
    public init(
        mediaType: MediaType = .imageManifest, config: Descriptor, layers: [Descriptor],
        subject: Descriptor? = nil, artifactType: MediaType? = nil, annotations: Annotations = [:]
    ) {
        precondition(mediaType.isManifest, "\(mediaType) is no manifest's media type")
        (self.mediaType, self.config, self.layers) = (mediaType, config, layers)
        (self.subject, self.artifactType, self.annotations) = (subject, artifactType, annotations)
        members = ["schemaVersion": 2]
    }

    /// Reads a manifest.
    ///
    /// - Throws: ``OCIError`` with the path of the wrong member; also for a document
    ///   that could be read as an index, and for more than 10,000 layers.
    public init(json: JSONValue) throws(OCIError) {
        members = try Expect.object(json)
        mediaType = try members.requireVersion2(
            of: "an image manifest", types: [.imageManifest, .dockerManifest], default: .imageManifest)
        try members.refuse(["manifests", "fsLayers", "history"], in: "an image manifest")
        config = try members.required("config", Descriptor.init(json:))
        layers = try members.required("layers", Expect.descriptors)
        subject = try members.optional("subject", Descriptor.init(json:))
        artifactType = try members.artifactType()
        annotations = try members.optional("annotations", Annotations.init(json:)) ?? [:]
    }

    /// The document as it is written.
    public var json: JSONValue {
        var object = members
        object.set("mediaType", to: .string(mediaType.description), order: Self.order)
        object.set("config", to: config.json, order: Self.order)
        object.set("layers", to: .array(layers.map(\.json)), order: Self.order)
        object.update("artifactType", to: (artifactType?.description).map { .string($0) }, order: Self.order)
        object.update("subject", to: subject?.json, order: Self.order)
        object.update("annotations", to: annotations.isEmpty ? nil : annotations.json, order: Self.order)
        return .object(object)
    }

    private static let order = [
        "schemaVersion", "mediaType", "artifactType", "config", "layers", "subject", "annotations",
    ]
}

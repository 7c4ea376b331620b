/// A list of manifests: one image for several platforms, or what an image layout holds.
///
/// Members that this package does not know survive reading and writing.
/// Indexes are equal when they are written with the same bytes.
///
/// Source: OCI image-spec v1.1, image-index.md; Docker "Image Manifest Version 2, Schema 2", manifest list.
public struct Index: JSONDocument {
    /// ``MediaType/imageIndex`` or ``MediaType/dockerManifestList``; always written.
    public let mediaType: MediaType
    /// Manifests and further indexes, in order of preference.
    public var manifests: [Descriptor]
    /// The manifest that this index says something about.
    public var subject: Descriptor?
    /// The kind of artifact, when it is no image.
    public var artifactType: MediaType?
    /// Texts about the whole list.
    public var annotations: Annotations
    private var members: JSONObject

    /// Writes an index.
    ///
    /// - Parameters:
    ///   - mediaType: ``MediaType/imageIndex`` or ``MediaType/dockerManifestList``.
    ///   - manifests: Manifests and further indexes, in order of preference.
    ///   - annotations: Texts about the whole list.
    public init(mediaType: MediaType = .imageIndex, manifests: [Descriptor], annotations: Annotations = [:]) {
        precondition(mediaType.isIndex, "\(mediaType) is no index's media type")
        (self.mediaType, self.manifests, self.annotations) = (mediaType, manifests, annotations)
        (subject, artifactType) = (nil, nil)
        members = ["schemaVersion": 2]
    }

    /// Reads an index.
    ///
    /// `"manifests":null` is an empty list, because some tools write a new layout so.
    ///
    /// - Throws: ``OCIError`` with the path of the wrong member; also for a document
    ///   that could be read as a manifest, and for more than 10,000 descriptors.
    public init(json: JSONValue) throws(OCIError) {
        members = try Expect.object(json)
        mediaType = try members.requireVersion2(
            of: "an image index", types: [.imageIndex, .dockerManifestList], default: .imageIndex)
        try members.refuse(["config", "layers", "fsLayers", "history"], in: "an image index")
        guard members["manifests"] != nil else { throw .missingMember(path: "manifests") }
        manifests = try members.optional("manifests", Expect.descriptors) ?? []
        subject = try members.optional("subject", Descriptor.init(json:))
        artifactType = try members.artifactType()
        annotations = try members.optional("annotations", Annotations.init(json:)) ?? [:]
    }

    /// The document as it is written.
    public var json: JSONValue {
        var object = members
        object.set("mediaType", to: .string(mediaType.description), order: Self.order)
        object.set("manifests", to: .array(manifests.map(\.json)), order: Self.order)
        object.update("artifactType", to: (artifactType?.description).map { .string($0) }, order: Self.order)
        object.update("subject", to: subject?.json, order: Self.order)
        object.update("annotations", to: annotations.isEmpty ? nil : annotations.json, order: Self.order)
        return .object(object)
    }

    /// The first descriptor for a platform.
    ///
    /// Source: OCI image-spec v1.1, image-index.md: the first matching entry SHOULD be used.
    public func first(for platform: Platform) -> Descriptor? {
        manifests.first { $0.platform?.matches(platform) ?? false }
    }

    private static let order = [
        "schemaVersion", "mediaType", "artifactType", "manifests", "subject", "annotations",
    ]
}

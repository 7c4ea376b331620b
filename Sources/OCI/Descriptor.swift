/// What names a blob from elsewhere: its kind, its digest and its size.
///
/// A descriptor that was read keeps all its members, known or not, in their
/// order; only a changed one is written anew. Two descriptors are equal when
/// they are written with the same bytes.
///
/// Source: OCI image-spec v1.1, descriptor.md, "Properties".
public struct Descriptor: Hashable, Sendable {
    /// The kind of the blob's content.
    public let mediaType: MediaType
    /// The digest of the blob as it is stored.
    public let digest: Digest
    /// The blob's length in bytes.
    public let size: Int64
    /// Texts about the blob.
    public var annotations: Annotations {
        didSet { write("annotations", annotations.isEmpty ? nil : annotations.json) }
    }
    /// The machine that the image is for; only in an index.
    public var platform: Platform? { didSet { write("platform", platform?.json) } }
    /// The kind of artifact, when the blob is an artifact's manifest.
    public var artifactType: MediaType? {
        didSet { write("artifactType", (artifactType?.description).map { .string($0) }) }
    }
    private var members: JSONObject

    /// Describes a blob.
    ///
    /// - Parameters:
    ///   - mediaType: The kind of its content.
    ///   - digest: The digest of the blob as it is stored.
    ///   - size: Its length in bytes, 0 or more.
    ///   - annotations: Texts about it.
    ///   - platform: The machine that the image is for.
    ///   - artifactType: The kind of artifact.
    public init(
        mediaType: MediaType, digest: Digest, size: Int64, annotations: Annotations = [:],
        platform: Platform? = nil, artifactType: MediaType? = nil
    ) {
        precondition(size >= 0, "a blob has no negative size")
        (self.mediaType, self.digest, self.size) = (mediaType, digest, size)
        (self.annotations, self.platform, self.artifactType) = (annotations, platform, artifactType)
        members = [
            "mediaType": .string(mediaType.description), "digest": .string(digest.description),
            "size": .number(JSONNumber(size)),
        ]
        if let artifactType { members["artifactType"] = .string(artifactType.description) }
        if let platform { members["platform"] = platform.json }
        if !annotations.isEmpty { members["annotations"] = annotations.json }
    }

    /// Reads a descriptor.
    ///
    /// - Throws: ``OCIError/missingMember(path:)``, ``OCIError/wrongMember(path:expected:found:)``.
    public init(json: JSONValue) throws(OCIError) {
        members = try Expect.object(json)
        mediaType = try members.required("mediaType", Expect.mediaType)
        digest = try members.required("digest", Expect.digest)
        size = try members.required("size", Expect.size)
        annotations = try members.optional("annotations", Annotations.init(json:)) ?? [:]
        platform = try members.optional("platform", Platform.init(json:))
        artifactType = try members.artifactType()
        _ = try members.optional("urls", Expect.strings)
        _ = try members.optional("data", Expect.string)
    }

    /// The object as it is written.
    public var json: JSONValue { .object(members) }

    /// Where else the blob may be had; kept, never followed.
    public var urls: [String] { members["urls"]?.array?.compactMap(\.string) ?? [] }

    /// The blob itself in base64, when the descriptor holds it; kept as it stood, not checked.
    public var data: String? { members["data"]?.string }

    /// The descriptor of the two bytes `{}`.
    ///
    /// Source: OCI image-spec v1.1, manifest.md, "Guidance for an Empty Descriptor".
    public static let empty = Descriptor(mediaType: .empty, digest: .emptyObject, size: 2)

    private static let order = [
        "mediaType", "digest", "size", "urls", "data", "artifactType", "platform", "annotations",
    ]

    private mutating func write(_ key: String, _ value: JSONValue?) {
        members.update(key, to: value, order: Self.order)
    }
}

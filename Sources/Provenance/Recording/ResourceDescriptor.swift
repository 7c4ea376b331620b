public import OCI

/// An artifact that a statement speaks about: its subject, a dependency, a by-product.
///
/// The specification asks for a URI or a digest at least (or for content, which this
/// package never writes).
///
/// Source: in-toto Attestation Framework v1, "ResourceDescriptor".
public struct ResourceDescriptor: Hashable, Sendable {
    /// What the artifact is called within the statement.
    public var name: String?
    /// What it is, as a URI: a package URL, or an SPDX download location.
    public var uri: String?
    /// Its digests.
    public var digest: DigestSet
    /// The media type of its bytes.
    public var mediaType: String?
    /// Where it was fetched from, when that is not `uri`.
    public var downloadLocation: String?
    /// More about it, for readers that know the names.
    public var annotations: JSONObject

    /// Describes a resource by whatever is known of it.
    public init(
        name: String? = nil, uri: String? = nil, digest: DigestSet = DigestSet(), mediaType: String? = nil,
        downloadLocation: String? = nil, annotations: JSONObject = JSONObject()
    ) {
        self.name = name
        self.uri = uri
        self.digest = digest
        self.mediaType = mediaType
        self.downloadLocation = downloadLocation
        self.annotations = annotations
    }

    /// The JSON object, without the fields that are empty.
    ///
    /// It has no other keys than the specification's: cosign refuses a statement whose
    /// subject has one.
    public var json: JSONValue {
        var object = JSONObject(texts: ["name": name, "uri": uri])
        if !digest.isEmpty { object["digest"] = .object(digest.json) }
        object.set(["downloadLocation": downloadLocation, "mediaType": mediaType])
        if !annotations.isEmpty { object["annotations"] = .object(annotations) }
        return .object(object)
    }
}

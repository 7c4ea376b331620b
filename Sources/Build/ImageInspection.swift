import Images
public import OCI
public import SystemPackage

/// What an image at rest says of itself.
public struct ImageInspection: Sendable {
    /// Its name in the layout, where it has one.
    public let name: String?
    /// The manifest's descriptor in the layout's index.
    public let descriptor: Descriptor
    /// The manifest.
    public let manifest: Document<Manifest>
    /// The configuration.
    public let configuration: Document<ImageConfiguration>
    /// The provenance beside the layout, where there is one.
    public let provenance: FilePath?

    /// - Parameter text: The bytes of `oci:DIR`, `oci:DIR:TAG` or `oci:DIR@DIGEST`.
    /// - Throws: `ImageError`, `FileError`.
    public init(parsing text: [UInt8]) throws { try self.init(ImageLocation(parsing: text)) }

    /// Reads the image; manifest and configuration are checked against their digests.
    ///
    /// - Throws: `ImageError`, `FileError`.
    init(_ location: ImageLocation) throws {
        let layout = try ImageLayout(reading: location.path)
        descriptor = try layout.resolve(location.selector)
        name = descriptor.referenceName
        manifest = try layout.manifest(descriptor)
        configuration = try layout.configuration(of: manifest.value)
        provenance = ProvenanceLocation(beside: location.path).existing(of: descriptor.digest)
    }

    /// Everything, as a program reads it.
    public var json: JSONValue {
        var json: JSONObject = [
            "digest": .string("\(descriptor.digest)"), "size": .number(JSONNumber(descriptor.size)),
        ]
        if let name { json["name"] = .string(name) }
        json["manifest"] = manifest.value.json
        json["config"] = configuration.value.json
        if let provenance { json["provenance"] = .string(provenance.string) }
        return .object(json)
    }

    /// Bytes of all layers as they are stored.
    public var layersSize: Int64 {
        manifest.value.layers.reduce(0) { $0.addingReportingOverflow($1.size).partialValue }
    }
}

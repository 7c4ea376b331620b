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

    /// Reads the image; manifest and configuration are checked against their digests.
    ///
    /// - Parameters:
    ///   - text: The bytes of a location such as `oci:DIR:TAG`, `oci-archive:FILE` or `oci:DIR@DIGEST`.
    ///   - platform: Such as `linux/arm64`, of an image for several; `nil` for this machine.
    /// - Throws: `ImageError`, `FileError`, `TarError`.
    public init(parsing text: [UInt8], platform: String? = nil) throws {
        let location = try ImageLocation(parsing: text)
        let platform = try ImageSettings.platform(platform)
        let source = try ImageSource(reading: location)
        descriptor = try source.resolve(location.selector, platform: platform)
        if case .name(let wanted) = location.selector {
            name = wanted
        } else {
            name = descriptor.referenceName
        }
        manifest = try source.manifest(descriptor)
        configuration = try source.configuration(of: manifest.value)
        provenance = ProvenanceLocation.beside(location).existing(of: descriptor.digest)
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

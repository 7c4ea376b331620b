public import OCI
import SystemPackage

extension ImageInspection {
    /// Everything, as a program reads it.
    public var json: JSONValue {
        var json: JSONObject = [
            "digest": .string("\(descriptor.digest)"), "size": .number(JSONNumber(descriptor.size)),
        ]
        if let name { json["name"] = .string(name) }
        json["manifest"] = manifest.value.json
        json["config"] = configuration.value.json
        json["layers"] = .array(layers.map(\.json))
        json["attestations"] = .array(attestations.map(\.json))
        if let provenance { json["provenance"] = .string(provenance.string) }
        return .object(json)
    }
}

extension ImageInspection.Layer {
    fileprivate var json: JSONValue {
        var json: JSONObject = [
            "mediaType": .string("\(descriptor.mediaType)"), "digest": .string("\(descriptor.digest)"),
            "diffID": .string("\(diffID)"), "size": .number(JSONNumber(descriptor.size)),
        ]
        if let content {
            json["uncompressedSize"] = .number(JSONNumber(content.size))
            json["entries"] = .number(JSONNumber(content.entries))
        }
        return .object(json)
    }
}

extension ImageInspection.Attestation {
    fileprivate var json: JSONValue {
        var json: JSONObject = [
            "digest": .string("\(descriptor.digest)"), "mediaType": .string("\(descriptor.mediaType)"),
        ]
        if let artifactType { json["artifactType"] = .string("\(artifactType)") }
        json["predicateTypes"] = .array(predicateTypes.map { .string($0) })
        return .object(json)
    }
}

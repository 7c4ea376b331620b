import OCI
import Provenance

/// The flags of a request as provenance records them: what was set, and nothing that is secret.
enum BuildParameters {
    static func json(of request: BuildRequest) -> JSONObject {
        var json: JSONObject = ["command": "build", "compression": .string(request.layers.compression)]
        func add(_ key: String, _ text: String?) {
            if let text { json[key] = Redaction.parameter(name: "", value: text) }
        }
        func add(named key: String, _ texts: [String]) {
            if !texts.isEmpty { json[key] = .object(PackParameters.named(texts, request.variables)) }
        }
        add("context", String(decoding: request.context, as: UTF8.self))
        add("dockerfile", request.dockerfile.map { "\($0)" })
        add("target", request.target)
        add(named: "buildArg", request.arguments)
        add(named: "buildContext", request.contexts.map { String(decoding: $0, as: UTF8.self) })
        add("platform", request.platform)
        add(named: "label", request.labels)
        add(named: "annotation", request.annotations)
        add("compressionLevel", request.layers.compressionLevel)
        add("sourceDateEpoch", request.layers.sourceDateEpoch ?? request.variables["SOURCE_DATE_EPOCH"])
        add("created", request.created)
        if !request.attributes.isEmpty { json["xattr"] = .array(request.attributes.map { .string($0) }) }
        add("source", request.provenance.source)
        return json
    }
}

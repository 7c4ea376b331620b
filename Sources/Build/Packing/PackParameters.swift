import OCI
import Provenance

/// The flags of a request as provenance records them: what was set, and nothing that is secret.
enum PackParameters {
    static func json(of request: PackRequest) -> JSONObject {
        var json: JSONObject = ["command": "pack", "compression": .string(request.layer.compression)]
        func add(_ key: String, _ text: String?) {
            if let text { json[key] = Redaction.parameter(name: "", value: text) }
        }
        func add(_ key: String, _ texts: [String]) {
            if !texts.isEmpty { json[key] = .array(texts.map { Redaction.parameter(name: "", value: $0) }) }
        }
        func add(named key: String, _ texts: [String]) {
            if !texts.isEmpty { json[key] = .object(named(texts, request.variables)) }
        }
        add("base", request.base.map { String(decoding: $0, as: UTF8.self) })
        add("compressionLevel", request.layer.compressionLevel)
        add("sourceDateEpoch", request.layer.sourceDateEpoch ?? request.variables["SOURCE_DATE_EPOCH"])
        add("created", request.created)
        add("owner", request.owner)
        if request.keepsOwners { json["keepOwner"] = true }
        add("owners", request.owners.map { "\($0)" })
        add("exclude", request.exclusions.map { "\($0)" })
        add("xattr", request.attributes)
        if request.hasRootEntry { json["rootEntry"] = true }
        let image = request.image
        add("platform", image.platform)
        add("entrypoint", image.entrypoint)
        add("cmd", image.command)
        add(named: "env", image.environment)
        add(named: "label", image.labels)
        add(named: "annotation", image.annotations)
        add("user", image.user)
        add("workingdir", image.workingDirectory)
        add("port", image.ports)
        add("volume", image.volumes)
        add("stopSignal", image.stopSignal)
        add("author", image.author)
        add("source", request.provenance.source)
        return json
    }

    /// `NAME=VALUE` texts by their names; what is secret is only named.
    static func named(_ texts: [String], _ variables: [String: String]) -> JSONObject {
        var json: JSONObject = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let value = parts.count == 2 ? String(parts[1]) : variables[name] ?? ""
            json[name] = Redaction.parameter(name: name, value: value)
        }
        return json
    }
}

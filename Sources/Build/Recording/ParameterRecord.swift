import OCI
import Provenance

/// The flags of a request as provenance records them: what was set, and nothing that is secret.
struct ParameterRecord {
    private(set) var json: JSONObject
    private let variables: [String: String]

    /// - Parameters:
    ///   - command: Which of varve's.
    ///   - layers: How layers were stored.
    ///   - variables: Varve's own environment, for `NAME` without a value.
    init(_ command: String, _ layers: LayerSettings, _ variables: [String: String]) {
        self.variables = variables
        json = ["command": .string(command), "compression": .string(layers.compression)]
        add("compressionLevel", layers.compressionLevel)
        add("sourceDateEpoch", layers.sourceDateEpoch ?? variables["SOURCE_DATE_EPOCH"])
    }

    mutating func add(_ key: String, _ text: String?) {
        if let text { json[key] = Redaction.parameter(name: "", value: text) }
    }

    mutating func add(_ key: String, _ texts: [String]) {
        if !texts.isEmpty { json[key] = .array(texts.map { Redaction.parameter(name: "", value: $0) }) }
    }

    mutating func add(_ key: String, _ isSet: Bool) {
        if isSet { json[key] = true }
    }

    /// Adds `NAME=VALUE` texts by their names.
    mutating func add(named key: String, _ texts: [String]) {
        if !texts.isEmpty { json[key] = .object(named(texts)) }
    }

    /// `NAME=VALUE` texts by their names; what is secret is only named.
    func named(_ texts: [String]) -> JSONObject {
        var json: JSONObject = [:]
        for text in texts {
            let parameter = NameAndValue(text)
            let value = parameter.value ?? variables[parameter.name] ?? ""
            json[parameter.name] = Redaction.parameter(name: parameter.name, value: value)
        }
        return json
    }
}

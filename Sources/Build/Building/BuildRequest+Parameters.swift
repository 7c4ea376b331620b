import OCI

extension BuildRequest {
    /// The flags that were set, as provenance records them.
    var parameters: JSONObject {
        var record = ParameterRecord("build", layers, variables)
        record.add("context", String(decoding: context, as: UTF8.self))
        record.add("dockerfile", dockerfile.map { "\($0)" })
        record.add("target", target)
        record.add(named: "buildArg", arguments)
        record.add(named: "buildContext", contexts.map { String(decoding: $0, as: UTF8.self) })
        record.add("platform", platform)
        record.add(named: "label", labels)
        record.add(named: "annotation", annotations)
        record.add("created", created)
        record.add("network", run.network == .default ? nil : run.network.rawValue)
        record.add("noNewPrivileges", run.refusesNewPrivileges)
        // Their names; what they are is nobody's.
        record.add("secret", run.secrets.compactMap { try? BuildSecret(parsing: $0).id })
        record.add("ssh", run.agents.map { NameAndValue($0).name })
        record.add("xattr", attributes)
        record.add("source", provenance.source)
        return record.json
    }

    /// The build arguments by their names; what is secret is only named.
    var namedArguments: JSONObject { ParameterRecord("build", layers, variables).named(arguments) }
}

import OCI

extension PackRequest {
    /// The flags that were set, as provenance records them.
    var parameters: JSONObject {
        var record = ParameterRecord("pack", layer, variables)
        record.add("base", base.map { String(decoding: $0, as: UTF8.self) })
        record.add("created", created)
        record.add("owner", owner)
        record.add("keepOwner", keepsOwners)
        record.add("owners", owners.map { "\($0)" })
        record.add("exclude", exclusions.map { "\($0)" })
        record.add("xattr", attributes)
        record.add("rootEntry", hasRootEntry)
        record.add("platform", image.platform)
        record.add("entrypoint", image.entrypoint)
        record.add("cmd", image.command)
        record.add(named: "env", image.environment)
        record.add(named: "label", image.labels)
        record.add(named: "annotation", image.annotations)
        record.add("user", image.user)
        record.add("workingdir", image.workingDirectory)
        record.add("port", image.ports)
        record.add("volume", image.volumes)
        record.add("stopSignal", image.stopSignal)
        record.add("author", image.author)
        record.add("source", provenance.source)
        return record.json
    }
}

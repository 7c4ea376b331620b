/// Reading the members of a document: `null` counts as absent, and an error names the member's path.
extension JSONObject {
    /// The member's value, or `nil` when it is absent or `null`.
    func optional<Value>(
        _ key: String, _ read: (JSONValue) throws(OCIError) -> Value
    ) throws(OCIError) -> Value? {
        guard let value = self[key], !value.isNull else { return nil }
        do {
            return try read(value)
        } catch {
            throw error.inside(key)
        }
    }

    /// The member's value; its absence is an error, and so is `null`.
    func required<Value>(
        _ key: String, _ read: (JSONValue) throws(OCIError) -> Value
    ) throws(OCIError) -> Value {
        guard let value = try optional(key, read) else { throw .missingMember(path: key) }
        return value
    }

    /// The member `artifactType`; `""` is none, because some tools do not leave an empty member out.
    func artifactType() throws(OCIError) -> MediaType? {
        guard self["artifactType"]?.string?.isEmpty != true else { return nil }
        return try optional("artifactType", Expect.mediaType)
    }

    /// Refuses a document that another reader could take for another kind of document.
    func refuse(_ keys: [String], in document: String) throws(OCIError) {
        for key in keys where self[key].map({ !$0.isNull }) ?? false {
            throw .ambiguousDocument(document: document, member: key)
        }
    }

    /// Requires `schemaVersion` 2, and one of the media types when there is one.
    ///
    /// - Returns: The document's media type; the first of `types` when it names none.
    func requireVersion2(
        of document: String, types: [MediaType], default first: MediaType
    ) throws(OCIError) -> MediaType {
        guard let version = self["schemaVersion"] else { throw .missingMember(path: "schemaVersion") }
        guard version.int64 == 2 else { throw .unsupportedSchemaVersion(version.shortDescription) }
        let text = try optional("mediaType", Expect.string)
        guard let text else { return first }
        guard let type = types.first(where: { $0.description == text }) else {
            throw .wrongMediaType(document: document, found: text)
        }
        return type
    }
}

import OCI

/// The file in which a pipeline finds what was published.
///
/// Source: drone-kaniko, `PLUGIN_ARTIFACT_FILE`.
struct ArtifactFile {
    let registryType: String
    let registryURL: String
    /// What was pushed: each name, and the digest.
    let images: [(name: String, digest: String)]

    /// JSON, indented with tabs, without a newline at its end.
    var bytes: [UInt8] {
        let images: [JSONValue] = images.map { ["image": .string($0.name), "digest": .string($0.digest)] }
        let content: JSONValue = [
            "kind": "docker/v1",
            "data": [
                "registryType": .string(registryType), "registryUrl": .string(registryURL),
                // No list at all where nothing was pushed: that is what readers know.
                "images": images.isEmpty ? .null : .array(images),
            ],
        ]
        // One space a level; in a string there is no newline that a tab could follow.
        var bytes: [UInt8] = []
        var isIndent = true
        for byte in content.serialized(indent: 1) {
            isIndent = byte == UInt8(ascii: "\n") || isIndent && byte == UInt8(ascii: " ")
            bytes.append(isIndent && byte == UInt8(ascii: " ") ? UInt8(ascii: "\t") : byte)
        }
        return bytes
    }
}

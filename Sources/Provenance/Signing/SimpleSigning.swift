public import OCI

/// The claim that somebody signed an image, as cosign's `.sig` has it: no statement, and no envelope.
///
/// Source: containers/image, docs/atomic-signature.md; cosign, "Signature spec", payload.
public enum SimpleSigning {
    /// The bytes to sign.
    ///
    /// - Parameters:
    ///   - reference: What the image is called, such as `registry.example.com/app:1.0`.
    ///   - digest: The manifest's.
    /// - Returns: One line of JSON without its end.
    public static func payload(reference: String, digest: Digest) -> [UInt8] {
        let json: JSONValue = [
            "critical": [
                "identity": ["docker-reference": .string(reference)],
                "image": ["docker-manifest-digest": .string(digest.description)],
                "type": "cosign container image signature",
            ],
            "optional": .null,
        ]
        return json.serialized()
    }
}

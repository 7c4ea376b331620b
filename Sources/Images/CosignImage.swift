import OCI

/// An image that holds what was signed about another one, a layer each.
///
/// Source: cosign, specs/ATTESTATION_SPEC.md and specs/SIGNATURE_SPEC.md.
enum CosignImage {
    /// What it holds, as cosign annotates a layout's index.
    enum Kind: String, CaseIterable {
        case attestations = "dev.cosignproject.cosign/atts"
        case signatures = "dev.cosignproject.cosign/sigs"

        /// The tag that it has in a registry, and here.
        func name(for image: Digest) -> String {
            "sha256-\(image.hex)." + (self == .attestations ? "att" : "sig")
        }
    }

    static let kindAnnotation = "kind"
    static let imageKind = "dev.cosignproject.cosign/image"
    static let signatureAnnotation = "dev.cosignproject.cosign/signature"

    /// The configuration that goes with layers: some registries want a real one.
    ///
    /// A layer is stored as it is, so that its diff ID is its digest.
    static func configuration(of layers: [Descriptor]) -> [UInt8] {
        let never: JSONValue = "0001-01-01T00:00:00Z"
        let json: JSONValue = [
            "architecture": "", "created": never,
            "history": .array(layers.map { _ in ["created": never] }), "os": "",
            "rootfs": [
                "type": "layers", "diff_ids": .array(layers.map { .string($0.digest.description) }),
            ],
            "config": .object(JSONObject()),
        ]
        return json.serialized()
    }
}

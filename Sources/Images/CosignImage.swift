public import OCI

/// An image that holds what was signed about another one, a layer each.
///
/// Source: cosign, specs/ATTESTATION_SPEC.md and specs/SIGNATURE_SPEC.md.
public enum CosignImage {
    /// What it holds, as cosign annotates a layout's index.
    public enum Kind: String, CaseIterable, Sendable {
        /// Envelopes: `.att`.
        case attestations = "dev.cosignproject.cosign/atts"
        /// Signatures over payloads that are no statements: `.sig`.
        case signatures = "dev.cosignproject.cosign/sigs"

        /// The tag that it has in a registry, and here.
        public func name(for image: Digest) -> String {
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

    /// The manifest of layers that are stored elsewhere.
    static func manifest(_ kind: Kind, of image: Digest, layers: [Descriptor]) throws -> AttachedManifest {
        let configuration = configuration(of: layers)
        let config = try Attachment.describe(configuration, .imageConfiguration)
        let bytes = Document(Manifest(config: config, layers: layers)).bytes
        var entry = try Attachment.describe(bytes, .imageManifest)
        entry.annotations = [
            "org.opencontainers.image.ref.name": kind.name(for: image), kindAnnotation: kind.rawValue,
        ]
        return AttachedManifest(blobs: [(config, configuration)], entry: entry, bytes: bytes)
    }

    /// The descriptor of such an image as a layout's index has it.
    public static func entry(_ manifest: Descriptor, _ kind: Kind, of image: Digest) -> Descriptor {
        var entry = manifest
        entry.annotations["org.opencontainers.image.ref.name"] = kind.name(for: image)
        entry.annotations[kindAnnotation] = kind.rawValue
        return entry
    }

    /// Of an entry in an index, what kind it is and which image it is about; `nil` for all others.
    public static func subject(of entry: Descriptor) -> (kind: Kind, image: Digest)? {
        guard let name = entry.referenceName else { return nil }
        for kind in Kind.allCases {
            let end = kind.name(for: entry.digest).suffix(4)
            guard name.hasPrefix("sha256-"), name.hasSuffix(end),
                let image = try? Digest(parsing: "sha256:" + name.dropFirst(7).dropLast(4))
            else { continue }
            return (kind, image)
        }
        return nil
    }

    /// The image with what two such images hold, each layer once; the first one's layers keep their places.
    ///
    /// - Parameters:
    ///   - first: What is there.
    ///   - second: What comes to it.
    ///   - kind: Of both.
    ///   - image: What both are about.
    /// - Returns: `nil` where the first one has everything already.
    /// - Throws: `CryptographyError`.
    public static func merging(
        _ first: Manifest, _ second: Manifest, _ kind: Kind, of image: Digest
    ) throws -> AttachedManifest? {
        // One payload can have several signatures.
        func key(_ layer: Descriptor) -> [String] {
            ["\(layer.digest)", layer.annotations[signatureAnnotation] ?? ""]
        }
        let known = Set(first.layers.map(key))
        let new = second.layers.filter { !known.contains(key($0)) }
        guard !new.isEmpty else { return nil }
        return try manifest(kind, of: image, layers: first.layers + new)
    }
}

public import OCI

/// Something signed about an image, as a layout keeps it.
public struct Attachment: Sendable {
    /// The bytes: an envelope, or a simple-signing payload.
    let content: [UInt8]
    /// What kind of image it becomes a layer of.
    let kind: CosignImage.Kind
    /// The layer's own annotations.
    let annotations: Annotations
    /// The same as a referrer, where it has that form: the bundle, and its predicate type.
    let bundle: (content: [UInt8], predicateType: String)?

    /// An attestation.
    ///
    /// - Parameters:
    ///   - envelope: The envelope's text.
    ///   - bundle: The sigstore bundle's text; `nil` where only the signer could make one.
    ///   - predicateType: The statement's.
    /// - Returns: What ``LayoutWriter/attach(_:to:at:replacing:)`` takes.
    public static func attestation(
        envelope: [UInt8], bundle: [UInt8]?, predicateType: String
    ) -> Attachment {
        Attachment(
            content: envelope, kind: .attestations,
            // Empty, and there: cosign fails on a layer without it.
            annotations: [CosignImage.signatureAnnotation: "", "predicateType": predicateType],
            bundle: bundle.map { ($0, predicateType) })
    }

    /// Whether an earlier one's content is the same.
    public func has(_ content: [UInt8]) -> Bool { self.content == content }

    /// A signature over a payload that is no statement; base64 of DER.
    public static func signature(_ signature: String, over payload: [UInt8]) -> Attachment {
        Attachment(
            content: payload, kind: .signatures, annotations: [CosignImage.signatureAnnotation: signature],
            bundle: nil)
    }
}

/// A manifest about an image, and what small blobs it needs, all in memory.
public struct AttachedManifest: Sendable {
    /// The blobs that it names and that are new, each with its descriptor.
    public let blobs: [(descriptor: Descriptor, bytes: [UInt8])]
    /// What an index or a list of referrers says of it.
    public let entry: Descriptor
    /// The manifest.
    public let bytes: [UInt8]
}

extension Attachment {
    /// The name of the image that holds attachments of this kind.
    public func name(for image: Digest) -> String { kind.name(for: image) }

    /// Cosign's image with this attachment behind others.
    ///
    /// - Parameters:
    ///   - image: What it is about.
    ///   - layers: Those that stay.
    /// - Returns: A manifest whose entry has cosign's name.
    /// - Throws: `CryptographyError`.
    public func cosignImage(of image: Digest, after layers: [Descriptor]) throws -> AttachedManifest {
        var layer = try Self.describe(content, kind == .attestations ? .dsseEnvelope : .simpleSigning)
        layer.annotations = annotations
        let manifest = try CosignImage.manifest(kind, of: image, layers: layers + [layer])
        return AttachedManifest(
            blobs: [(layer, content)] + manifest.blobs, entry: manifest.entry, bytes: manifest.bytes)
    }

    /// The same as an artifact that refers to the image; `nil` where it has no such form.
    public func referrer(to image: Descriptor, at time: Timestamp) throws -> AttachedManifest? {
        guard let bundle else { return nil }
        let empty = try Self.describe(Array("{}".utf8), .empty)
        let layer = try Self.describe(bundle.content, .sigstoreBundle)
        let manifest = Manifest(
            config: empty, layers: [layer],
            subject: Descriptor(mediaType: image.mediaType, digest: image.digest, size: image.size),
            artifactType: .sigstoreBundle,
            annotations: [
                "dev.sigstore.bundle.content": "dsse-envelope",
                "dev.sigstore.bundle.predicateType": bundle.predicateType,
                "org.opencontainers.image.created": time.description,
            ])
        let bytes = Document(manifest).bytes
        var entry = try Self.describe(bytes, .imageManifest)
        entry.artifactType = .sigstoreBundle
        return AttachedManifest(
            blobs: [(empty, Array("{}".utf8)), (layer, bundle.content)], entry: entry, bytes: bytes)
    }

    static func describe(_ bytes: [UInt8], _ type: MediaType) throws -> Descriptor {
        Descriptor(mediaType: type, digest: try Digest.of(bytes), size: Int64(bytes.count))
    }
}

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
    ///   - bundle: The sigstore bundle's text.
    ///   - predicateType: The statement's.
    /// - Returns: What ``LayoutWriter/attach(_:to:at:replacing:)`` takes.
    public static func attestation(
        envelope: [UInt8], bundle: [UInt8], predicateType: String
    ) -> Attachment {
        Attachment(
            content: envelope, kind: .attestations,
            // Empty, and there: cosign fails on a layer without it.
            annotations: [CosignImage.signatureAnnotation: "", "predicateType": predicateType],
            bundle: (bundle, predicateType))
    }

    /// A signature over a payload that is no statement; base64 of DER.
    public static func signature(_ signature: String, over payload: [UInt8]) -> Attachment {
        Attachment(
            content: payload, kind: .signatures, annotations: [CosignImage.signatureAnnotation: signature],
            bundle: nil)
    }
}

extension LayoutWriter {
    /// Adds what was signed about an image that the layout has; the image's own bytes stay as they are.
    ///
    /// - Parameters:
    ///   - attachment: What was signed.
    ///   - image: The image's descriptor, as the index has it.
    ///   - time: When, for the referrer.
    ///   - isReplaced: Whether an earlier one goes: its content, and of a signature over it the base64.
    /// - Throws: ``ImageError``, `FileError`.
    public mutating func attach(
        _ attachment: Attachment, to image: Descriptor, at time: Timestamp,
        replacing isReplaced: (_ content: [UInt8], _ signature: String?) -> Bool
    ) throws {
        let entry = try putCosignImage(attachment, image, isReplaced)
        let replaced = try attachment.bundle.map { _ in try referrers(of: image.digest, isReplaced) } ?? []
        let referrer = try attachment.bundle.map { try putReferrer($0, image, time) }
        try publish { index in
            index.set(entry) { $0.referenceName == entry.referenceName }
            if let referrer {
                index.manifests.removeAll { replaced.contains($0.digest) }
                index.set(referrer) { $0.digest == referrer.digest }
            }
            let hasImage = index.manifests.contains {
                $0.annotations[CosignImage.kindAnnotation] == CosignImage.imageKind
            }
            // Cosign wants to find one image only.
            if !hasImage, let place = index.manifests.firstIndex(where: { $0.digest == image.digest }) {
                index.manifests[place].annotations[CosignImage.kindAnnotation] = CosignImage.imageKind
            }
        }
    }

    private mutating func putCosignImage(
        _ attachment: Attachment, _ image: Descriptor, _ isReplaced: ([UInt8], String?) -> Bool
    ) throws -> Descriptor {
        let name = attachment.kind.name(for: image.digest)
        var layers = try layersOfCosignImage(named: name, isReplaced)
        var layer = try put(
            attachment.content, attachment.kind == .attestations ? .dsseEnvelope : .simpleSigning)
        layer.annotations = attachment.annotations
        layers.append(layer)
        let config = try put(CosignImage.configuration(of: layers), .imageConfiguration)
        var entry = try put(
            Document(Manifest(config: config, layers: layers)).bytes, .imageManifest)
        entry.annotations = [
            "org.opencontainers.image.ref.name": name, CosignImage.kindAnnotation: attachment.kind.rawValue,
        ]
        return entry
    }

    private func layersOfCosignImage(
        named name: String, _ isReplaced: ([UInt8], String?) -> Bool
    ) throws -> [Descriptor] {
        guard let entry = index.manifests.first(where: { $0.referenceName == name }) else { return [] }
        let source = try source()
        return try source.manifest(entry).value.layers.filter { layer in
            // One that is damaged stays: it is not this writer's to take away.
            guard let content = try? source.signedContent(layer) else { return true }
            return !isReplaced(content, layer.annotations[CosignImage.signatureAnnotation])
        }
    }

    /// Earlier bundles about the image that go.
    private func referrers(
        of image: Digest, _ isReplaced: ([UInt8], String?) -> Bool
    ) throws -> Set<Digest> {
        let source = try source()
        let found = index.manifests.filter { entry in
            guard entry.artifactType == .sigstoreBundle,
                let manifest = try? source.manifest(entry).value, manifest.subject?.digest == image,
                manifest.layers.count == 1, let content = try? source.signedContent(manifest.layers[0])
            else { return false }
            return isReplaced(content, nil)
        }
        return Set(found.map(\.digest))
    }

    private mutating func putReferrer(
        _ bundle: (content: [UInt8], predicateType: String), _ image: Descriptor, _ time: Timestamp
    ) throws -> Descriptor {
        let empty = try put(Array("{}".utf8), .empty)
        let layer = try put(bundle.content, .sigstoreBundle)
        let manifest = Manifest(
            config: empty, layers: [layer],
            subject: Descriptor(mediaType: image.mediaType, digest: image.digest, size: image.size),
            artifactType: .sigstoreBundle,
            annotations: [
                "dev.sigstore.bundle.content": "dsse-envelope",
                "dev.sigstore.bundle.predicateType": bundle.predicateType,
                "org.opencontainers.image.created": time.description,
            ])
        var entry = try put(Document(manifest).bytes, .imageManifest)
        entry.artifactType = .sigstoreBundle
        return entry
    }
}

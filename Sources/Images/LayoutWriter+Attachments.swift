public import OCI

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
        let name = attachment.name(for: image.digest)
        let attached = try attachment.cosignImage(
            of: image.digest, after: layersOfCosignImage(named: name, isReplaced))
        try put(attached)
        let entry = attached.entry
        let replaced = try attachment.bundle.map { _ in try referrers(of: image.digest, isReplaced) } ?? []
        let artifact = try attachment.referrer(to: image, at: time)
        if let artifact { try put(artifact) }
        let referrer = artifact?.entry
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

    /// Gives an image from elsewhere its names, and puts what is attached to it into the index; the last of the writing.
    ///
    /// Cosign's images are joined with those that are there: what somebody signed here stays.
    ///
    /// - Parameters:
    ///   - root: The image or index of images.
    ///   - names: Each in place of the image that has it.
    ///   - attached: Entries of what is said about the image, as ``ImageSource/attachments(of:)`` gives them; their
    ///     documents and blobs are written.
    /// - Throws: ``ImageError``, `FileError`.
    public mutating func tag(
        _ root: Descriptor, as names: [String], with attached: [Descriptor]
    ) throws {
        let attached = try attached.map { try joined($0) }
        try publish { index in
            for name in names {
                var entry = root
                entry.annotations["org.opencontainers.image.ref.name"] = name
                if !attached.isEmpty { entry.annotations[CosignImage.kindAnnotation] = CosignImage.imageKind }
                index.set(entry) { $0.referenceName == name }
            }
            for entry in attached {
                let isNamed = CosignImage.subject(of: entry) != nil
                index.set(isNamed ? entry : entry.plain) { known in
                    isNamed ? known.referenceName == entry.referenceName : known.digest == entry.digest
                }
            }
        }
    }

    /// Of cosign's images, one with what both have; everything else as it is.
    private mutating func joined(_ entry: Descriptor) throws -> Descriptor {
        guard let (kind, image) = CosignImage.subject(of: entry),
            let known = index.manifests.first(where: { $0.referenceName == entry.referenceName }),
            known.digest != entry.digest
        else { return entry }
        let source = try source()
        let here = try source.manifest(known).value
        guard let both = try CosignImage.merging(here, source.manifest(entry).value, kind, of: image) else {
            return known
        }
        try put(both)
        return both.entry
    }

    /// Writes the manifest and what it needs; the index is another matter.
    public mutating func put(_ attached: AttachedManifest) throws {
        for (descriptor, bytes) in attached.blobs { _ = try put(bytes, descriptor.mediaType) }
        _ = try put(attached.bytes, attached.entry.mediaType)
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
}

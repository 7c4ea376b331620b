import Linux
public import OCI
public import SystemPackage

extension ImageSource {
    /// What the index holds that says something about an image: manifests whose `subject` it is, those that BuildKit
    /// annotates as its attestations, and cosign's `.att` image.
    ///
    /// What cannot be read is left out: it is no part of the image.
    ///
    /// Source: OCI image-spec v1.1, manifest.md, "subject"; BuildKit, docs/attestations/attestation-storage.md.
    public func attestations(of image: Digest) -> [(descriptor: Descriptor, manifest: Manifest)] {
        var search = ManifestSearch(of: self)
        // A nested index that is damaged ends the search, and what was found before it counts.
        try? search.visit(index().manifests, depth: 1)
        var seen: Set<Digest> = [image]
        return search.all.compactMap { descriptor in
            guard descriptor.mediaType.isManifest, seen.insert(descriptor.digest).inserted,
                let manifest = try? manifest(descriptor).value,
                descriptor.isAttestation(of: image) || manifest.subject?.digest == image
                    || descriptor.isCosignAttestation(of: image)
            else { return nil }
            return (descriptor, manifest)
        }
    }
}

/// A blob in which somebody may have signed something about an image; nothing of it is verified but its digest.
public struct SignedContent: Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// Where they lie, for messages.
    public let place: FilePath
}

extension ImageSource {
    /// The most bytes of one attestation, and about as many of all.
    static let signedContentLimit = 64 << 20
    /// The most attestations that are looked at.
    private static let signedContentCount = 1000

    /// What the layout or archive holds about an image in the forms of cosign, sigstore and BuildKit.
    ///
    /// - Returns: The blobs, and why others could not be read.
    public func signedContents(about image: Digest) -> (contents: [SignedContent], faults: [any Error]) {
        var contents: [SignedContent] = []
        var faults: [any Error] = []
        var seen: Set<Digest> = []
        var size = 0
        for layer in attestations(of: image).flatMap(\.manifest.layers) where layer.mediaType.isSigned {
            guard seen.insert(layer.digest).inserted else { continue }
            guard seen.count <= Self.signedContentCount, size <= Self.signedContentLimit else {
                faults.append(ImageError.tooManyAttestations(place(of: layer.digest)))
                break
            }
            do {
                let bytes = try signedContent(layer)
                size += bytes.count
                contents.append(SignedContent(bytes: bytes, place: place(of: layer.digest)))
            } catch {
                faults.append(error)
            }
        }
        return (contents, faults)
    }

    func signedContent(_ layer: Descriptor) throws -> [UInt8] {
        // Before it is opened, which can mean to fetch it.
        guard layer.size <= Int64(Self.signedContentLimit) else {
            throw ImageError.malformedDocument(
                place(of: layer.digest), "it has more than \(Self.signedContentLimit) bytes")
        }
        let blob = try openBlob(layer)
        let bytes = try blob.readAll(limit: Self.signedContentLimit)
        let digest = try Digest.of(bytes)
        guard digest == layer.digest else {
            throw ImageError.blobMismatch(blob.path, expected: layer.digest, found: "\(digest)")
        }
        return bytes
    }
}

extension MediaType {
    /// Whether it is an envelope, alone or in a bundle.
    fileprivate var isSigned: Bool {
        let text = description.utf8
        return self == .dsseEnvelope || text.starts(with: "application/vnd.dev.sigstore.bundle".utf8)
            || text.starts(with: "application/vnd.in-toto.".utf8) && description.hasSuffix("+dsse")
    }
}

extension Descriptor {
    /// Whether it is cosign's image of attestations; one without a name may be about any image of the layout.
    fileprivate func isCosignAttestation(of image: Digest) -> Bool {
        if referenceName == CosignImage.Kind.attestations.name(for: image) { return true }
        return referenceName == nil
            && annotations[CosignImage.kindAnnotation] == CosignImage.Kind.attestations.rawValue
    }

    fileprivate func isAttestation(of image: Digest) -> Bool {
        annotations["vnd.docker.reference.type"] == "attestation-manifest"
            && annotations["vnd.docker.reference.digest"] == image.description
    }
}

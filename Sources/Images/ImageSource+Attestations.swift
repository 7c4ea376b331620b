public import OCI

extension ImageSource {
    /// What the index holds that says something about an image: manifests whose `subject` it is, and those that
    /// BuildKit annotates as its attestations.
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
            else { return nil }
            return (descriptor, manifest)
        }
    }
}

extension Descriptor {
    fileprivate func isAttestation(of image: Digest) -> Bool {
        annotations["vnd.docker.reference.type"] == "attestation-manifest"
            && annotations["vnd.docker.reference.digest"] == image.description
    }
}

import OCI
import Provenance

extension CachedLayer {
    /// The layer among what a build depended on: with the entry that vouched for it, and who signed that.
    ///
    /// `nil` for a layer that this user's own builds made: its inputs are the build's.
    var dependency: ResourceDescriptor? {
        guard case .registry(let reference, let entry, let signer) = origin else { return nil }
        var annotations: JSONObject = [
            "diffID": .string("\(diffID)"), "size": .number(JSONNumber(descriptor.size)),
            "entry": .string("\(entry)"),
        ]
        annotations["signer"] = signer.map { .string($0) }
        return ResourceDescriptor(
            name: "cached layer", digest: DigestSet(descriptor.digest),
            mediaType: descriptor.mediaType.description,
            downloadLocation: "docker://\(reference.pinned(to: entry))", annotations: annotations)
    }
}

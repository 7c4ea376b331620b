public import OCI

/// What an image is called where it is written, in each reader's words.
public struct ImageName: Hashable, Sendable, CustomStringConvertible {
    /// What the index calls it; `nil` in a docker archive without a name.
    public let referenceName: String?
    /// What Docker and containerd call it, where it has a name that they know.
    let reference: Reference?
    /// The name for a person and for provenance.
    public let description: String

    /// The name of an image in a registry.
    public init(_ reference: Reference) {
        (self.reference, referenceName, description) = (reference, reference.tag, reference.description)
    }

    /// The name that a location gives.
    ///
    /// A docker archive's name is a reference, and its index has the tag alone, as Docker writes it. Another name is
    /// taken as a reference where it looks like one: with a repository in front of the tag.
    init(of location: ImageLocation) throws(OCIError) {
        let text: String? = if case .name(let name) = location.selector { name } else { nil }
        if location.transport == .dockerArchive {
            reference = if let text { try Reference(parsing: text).completed } else { nil }
            referenceName = reference?.tag
            description = reference?.familiar ?? "latest"
        } else {
            let name = text ?? "latest"
            reference = (try? Reference(parsing: name)).flatMap { $0.tag == nil ? nil : $0 }
            referenceName = name
            description = name
        }
    }

    /// The manifest's descriptor as the index has it.
    func entry(_ manifest: Descriptor) -> Descriptor {
        var entry = manifest
        entry.annotations["io.containerd.image.name"] = reference?.description
        entry.annotations["org.opencontainers.image.ref.name"] = referenceName
        return entry
    }
}

extension ImageLocation {
    /// What an image is called that is written there.
    ///
    /// - Throws: ``ImageError/malformedLocation(_:_:)`` for a digest: it is not known before the image is.
    public var name: ImageName {
        get throws(ImageError) {
            if case .digest = selector {
                throw .malformedLocation(
                    "\(self)", "an image that is written has no digest yet; give it a tag")
            }
            do {
                return try ImageName(of: self)
            } catch {
                throw .malformedLocation("\(self)", "\(error)")
            }
        }
    }
}

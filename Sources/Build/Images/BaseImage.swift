import Images
import Linux
import OCI
import Provenance

/// The image that a tree is laid on as one more layer.
struct BaseImage: Sendable {
    let configuration: ImageConfiguration
    /// Its layers, described as OCI does.
    let layers: [NewImage.Layer]
    let manifest: Descriptor
    /// The repository that has its blobs; `nil` for an image at rest.
    let origin: Registries.Place?
    private let name: String?

    /// Reads it; every layer is opened once, so that a missing one shows before anything is made.
    ///
    /// - Parameters:
    ///   - place: Where it is.
    ///   - registries: How registries are spoken to.
    ///   - platform: Of an image for several, which; `nil` for the machine.
    ///   - fetch: Brings a blob of one in a registry, from where it is; `nil` for a file each time.
    /// - Throws: As ``StoredImage``, `FileError` where a layer is missing.
    init(
        _ place: ImagePlace, in registries: Registries, platform: String?,
        fetch: (@Sendable (Descriptor, Registries.Place) throws -> FileSlice)? = nil
    ) throws {
        let image = try StoredImage(place, in: registries, platform: platform)
        layers = try image.layers.map { layer in
            // Of a registry it would have to be fetched for that.
            if place.path != nil { _ = try image.openLayer(layer.descriptor) }
            return NewImage.Layer(layer.descriptor.inOCI, isOwn: false) {
                guard let fetch, let origin = image.origin else {
                    return try image.openLayer(layer.descriptor)
                }
                return try fetch(layer.descriptor, origin)
            }
        }
        name = place.givenName ?? image.descriptor.referenceName
        (manifest, origin) = (image.descriptor, image.origin)
        configuration = Self.withHistory(image.configuration.value)
    }

    /// Readers count: each layer needs an entry of the history that made it.
    private static func withHistory(_ base: ImageConfiguration) -> ImageConfiguration {
        var configuration = base
        let missing = base.diffIDs.count - base.history.count { !$0.isEmptyLayer }
        for _ in 0..<max(missing, 0) {
            configuration.history.append(HistoryEntry(comment: "a layer of the base image"))
        }
        return configuration
    }

    /// What the manifest says of it.
    ///
    /// Source: OCI image-spec v1.1, annotations.md, "Pre-Defined Annotation Keys".
    var annotations: Annotations {
        var annotations: Annotations = [:]
        annotations["org.opencontainers.image.base.digest"] = "\(manifest.digest)"
        annotations["org.opencontainers.image.base.name"] = name
        return annotations
    }

    /// What provenance says of it.
    var dependency: ResourceDescriptor {
        ResourceDescriptor(
            name: name ?? "base", digest: DigestSet(manifest.digest),
            mediaType: manifest.mediaType.description)
    }
}

extension Descriptor {
    /// The same layer with the media type that OCI has for it.
    ///
    /// Source: OCI image-spec v1.1, media-types.md, "Compatibility Matrix".
    fileprivate var inOCI: Descriptor {
        let type: MediaType
        switch mediaType {
        case .dockerLayerTar: type = .layerTar
        case .dockerLayerTarGzip: type = .layerTarGzip
        case .dockerLayerTarZstd: type = .layerTarZstd
        default: return self
        }
        return Descriptor(mediaType: type, digest: digest, size: size, annotations: annotations)
    }
}

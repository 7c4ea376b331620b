import Images
import Layers
import Linux
import OCI

/// An image that was found, with its documents read and compared with each other.
struct StoredImage: Sendable {
    let place: ImagePlace
    let source: ImageSource
    let descriptor: Descriptor
    let manifest: Document<Manifest>
    let configuration: Document<ImageConfiguration>
    /// The repository that has its blobs; `nil` for an image at rest.
    let origin: Registries.Place?

    /// - Parameters:
    ///   - place: Where it is.
    ///   - registries: How registries are spoken to.
    ///   - platform: Such as `linux/arm64`, of an image for several; `nil` for this machine.
    ///   - hasAttachments: Whether attestations in a registry are looked for, too.
    ///   - isAtOrigin: Whether the image of a registry must be its own, and not another's that stands for it.
    /// - Throws: `ImageError`, `FileError`, `TarError`, ``BuildError/layerCount(layers:diffIDs:)``, and what a registry's
    ///   client throws.
    init(
        _ place: ImagePlace, in registries: Registries, platform: String? = nil, hasAttachments: Bool = false,
        isAtOrigin: Bool = false
    ) throws {
        let platform = try ImageSettings.platform(platform)
        self.place = place
        switch place {
        case .stored(let location):
            source = try ImageSource(reading: location)
            descriptor = try source.resolve(location.selector, platform: platform)
            origin = nil
        case .registry(let reference):
            let remote = try RemoteImage(reference, in: registries, isAtOrigin: isAtOrigin)
            let found = try remote.source.resolve(.digest(remote.root.digest), platform: platform)
            (descriptor, origin) = (found, remote.place)
            source =
                try hasAttachments
                ? remote.source(withAttachmentsOf: found, in: registries) : remote.source
        }
        manifest = try source.manifest(descriptor)
        configuration = try source.configuration(of: manifest.value)
        let (layers, diffIDs) = (manifest.value.layers.count, configuration.value.diffIDs.count)
        guard layers == diffIDs else { throw BuildError.layerCount(layers: layers, diffIDs: diffIDs) }
    }

    /// A layer's descriptor and what the configuration says of it, the lowest first.
    var layers: [(descriptor: Descriptor, diffID: Digest)] {
        zip(manifest.value.layers, configuration.value.diffIDs).map { ($0, $1) }
    }

    /// Opens a layer's blob.
    func openLayer(_ descriptor: Descriptor) throws -> FileSlice { try source.openBlob(descriptor) }
}

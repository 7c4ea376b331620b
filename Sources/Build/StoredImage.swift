import Images
import Layers
import Linux
import OCI

/// An image that was found, with its documents read and compared with each other.
struct StoredImage {
    let location: ImageLocation
    let source: ImageSource
    let descriptor: Descriptor
    let manifest: Document<Manifest>
    let configuration: Document<ImageConfiguration>

    /// - Parameters:
    ///   - location: Where it lies.
    ///   - platform: Such as `linux/arm64`, of an image for several; `nil` for this machine.
    /// - Throws: `ImageError`, `FileError`, `TarError`, ``BuildError/layerCount(layers:diffIDs:)``.
    init(_ location: ImageLocation, platform: String? = nil) throws {
        let platform = try ImageSettings.platform(platform)
        self.location = location
        source = try ImageSource(reading: location)
        descriptor = try source.resolve(location.selector, platform: platform)
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

import Images
import Linux
import OCI

/// The images that stages begin with and files come from, each looked up once.
final class BaseImages {
    private let registries: Registries
    private let cache: LayerCache
    private var found: [String: BaseImage] = [:]

    init(_ registries: Registries, _ cache: LayerCache) {
        (self.registries, self.cache) = (registries, cache)
    }

    /// The image that FROM names, or `--from`: it is in a registry.
    ///
    /// - Throws: ``BuildError``, and what a registry's client throws.
    func image(_ name: String, _ platform: Platform) throws -> BaseImage {
        let reference: Reference
        do {
            reference = try Reference(parsing: name).completed
        } catch {
            throw BuildError.instruction("\(error)")
        }
        return try image(.registry(reference), platform)
    }

    /// An image wherever it is.
    ///
    /// - Throws: As ``image(_:_:)-(String,_)``, and `ImageError`, `FileError` of one at rest.
    func image(_ place: ImagePlace, _ platform: Platform) throws -> BaseImage {
        let key = "\(platform) \(place)"
        if let known = found[key] { return known }
        let image = try BaseImage(place, in: registries, platform: "\(platform)") { [cache] blob, origin in
            try cache.fetch(base: blob, from: origin)
        }
        found[key] = image
        return image
    }
}

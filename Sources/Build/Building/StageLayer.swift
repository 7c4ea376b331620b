import Images
import Linux
import OCI

/// A layer of a stage, and where it came from.
struct StageLayer: Sendable {
    /// Where it came from.
    enum Origin: Sendable {
        case base
        /// Made in this build.
        case made(By)
        /// Made in another one, and kept.
        case kept(By, CachedLayer)
    }

    /// The instruction that it belongs to.
    struct By: Sendable {
        let stage: String
        let line: Int
        let text: String
    }

    let descriptor: Descriptor
    let diffID: Digest
    /// The newest time of a file in it, in seconds since 1970; `nil` where it has none, or nobody looked.
    let newestTime: Int64?
    let origin: Origin
    let image: NewImage.Layer
    /// Says that the layer is not what its entry in the cache says; `nil` for one that is in none.
    var reject: (@Sendable (String) -> Void)?
    /// Opens the blob.
    let open: @Sendable () throws -> FileSlice

    init(ofBase layer: NewImage.Layer, diffID: Digest) {
        (descriptor, self.diffID, newestTime, origin) = (layer.descriptor, diffID, nil, .base)
        (image, open) = (layer, layer.open)
    }

    init(_ layer: CachedLayer, _ origin: Origin, open: @escaping @Sendable () throws -> FileSlice) {
        (descriptor, diffID, newestTime) = (layer.descriptor, layer.diffID, layer.newestTime)
        (self.origin, self.open) = (origin, open)
        // The cache verified it before it gave it out.
        image = NewImage.Layer(layer.descriptor, isOwn: true, open: open)
    }
}

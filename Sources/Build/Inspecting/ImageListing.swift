import Layers
import OCI

/// The entries of one layer of an image.
public struct ImageListing {
    private let layer: LayerListing
    private let number: Int
    private let count: Int

    /// Finds the layer.
    ///
    /// - Parameters:
    ///   - text: The bytes of an image's location.
    ///   - number: Which layer, 1 being the lowest.
    ///   - settings: Platform, threads and limits.
    /// - Throws: ``BuildError/usage(_:_:)`` for a layer that there is not, and the errors of the rooms below.
    public init(
        parsing text: [UInt8], layer number: Int, _ settings: ReadingSettings = ReadingSettings()
    ) throws {
        let image = try StoredImage(parsing: text, settings)
        count = image.layers.count
        guard (1...max(count, 1)).contains(number), count > 0 else {
            throw BuildError.usage(
                "--layer", count == 0 ? "the image has no layers" : "give 1, the lowest, to \(count)")
        }
        self.number = number
        layer = try image.listing(number - 1, settings)
    }

    /// Reads the layer to its end.
    ///
    /// Entries are handed out as they come: after an error they count for nothing.
    ///
    /// - Parameters:
    ///   - progress: Told on the caller's thread.
    ///   - body: Takes each entry in the layer's order.
    /// - Throws: ``BuildError`` and the errors of the rooms below; ``ErrorClass`` sorts them; and what `body` throws.
    public func forEach(
        progress: @escaping (Progress) -> Void, _ body: (ImageEntry) throws -> Void
    ) throws {
        var bytes: Int64 = 0
        _ = try layer.forEach { [number, count] added in
            bytes += Int64(added)
            progress(.reading(layer: number, of: count, bytes: bytes))
        } _: { entry in
            try body(ImageEntry(entry))
        }
    }
}

import Images
import Layers
public import OCI

/// Why two images differ: in their manifests, in their configurations, layer by layer.
public struct ImageComparison {
    private let first: StoredImage
    private let second: StoredImage
    private let settings: ReadingSettings
    private let progress: (Progress) -> Void

    /// Finds both images and reads their documents.
    ///
    /// - Parameters:
    ///   - first: The bytes of the first image's location.
    ///   - second: The bytes of the second image's location.
    ///   - settings: Platform, threads and limits, for both.
    ///   - progress: Told on the caller's thread.
    /// - Throws: ``BuildError`` and the errors of the rooms below; ``ErrorClass`` sorts them.
    public init(
        _ first: [UInt8], _ second: [UInt8], _ settings: ReadingSettings = ReadingSettings(),
        progress: @escaping (Progress) -> Void
    ) throws {
        self.first = try StoredImage(parsing: first, settings)
        self.second = try StoredImage(parsing: second, settings)
        (self.settings, self.progress) = (settings, progress)
    }

    /// The digests of the manifests.
    public var digests: (first: Digest, second: Digest) {
        (first.descriptor.digest, second.descriptor.digest)
    }

    /// Whether the manifests are equal in every byte, and so everything that they name.
    public var isIdentical: Bool { digests.first == digests.second }

    /// Tells the differences; layers are read for that and verified.
    ///
    /// Layers are pairs by their height. One that both images have is not read.
    ///
    /// - Parameter report: Takes each difference.
    /// - Throws: As ``init(_:_:_:progress:)``, and what `report` throws.
    public func run(_ report: (ImageDifference) throws -> Void) throws {
        guard !isIdentical else { return }
        let explained = explainedPaths
        let manifests = try differences(first.manifest.bytes, second.manifest.bytes, except: explained)
        if !manifests.isEmpty { try report(.manifest(manifests)) }
        let configurations = try differences(
            first.configuration.bytes, second.configuration.bytes, except: explained)
        if !configurations.isEmpty { try report(.configuration(configurations)) }
        for number in 0..<max(first.layers.count, second.layers.count) {
            try compareLayers(number, report)
        }
    }

    /// Members that only follow from what is told elsewhere: digests of what differs, and its size.
    private var explainedPaths: Set<String> {
        var paths: Set<String> = ["config.digest", "config.size"]
        for (number, pair) in zip(first.layers, second.layers).enumerated()
        where pair.0.descriptor.digest != pair.1.descriptor.digest {
            paths.formUnion([
                "layers[\(number)].digest", "layers[\(number)].size", "rootfs.diff_ids[\(number)]",
            ])
        }
        return paths
    }

    private func differences(
        _ first: [UInt8], _ second: [UInt8], except explained: Set<String>
    ) throws -> [DocumentDifference] {
        guard first != second else { return [] }
        let all = DocumentComparison(try JSONValue(parsing: first), try JSONValue(parsing: second))
            .differences
        guard all.isEmpty else { return all.filter { !explained.contains($0.path) } }
        // The members are the same: what is left is their order, or white space and escapes.
        return [
            DocumentDifference(
                path: "", first: .string("\(first.count) bytes"), second: .string("\(second.count) bytes"))
        ]
    }

    private func compareLayers(_ number: Int, _ report: (ImageDifference) throws -> Void) throws {
        let one = number < first.layers.count ? first.layers[number] : nil
        let other = number < second.layers.count ? second.layers[number] : nil
        guard one?.descriptor.digest != other?.descriptor.digest else { return }
        let isSameTar = one?.diffID == other?.diffID
        try report(
            .layer(
                LayerPair(
                    number: number + 1, first: one?.descriptor, second: other?.descriptor,
                    isSameTar: isSameTar)))
        guard one != nil, other != nil else { return try report(.layerEnd(LayerFindings())) }
        let layers = (try first.listing(number, settings), try second.listing(number, settings))
        let tell = told(number)
        if isSameTar {
            let traits = (
                try StoredTraits(reading: layers.0, progress: tell),
                try StoredTraits(reading: layers.1, progress: tell)
            )
            return try report(.layerEnd(LayerFindings(traits.0, traits.1)))
        }
        let verdict = try LayerComparison(layers.0, layers.1, progress: tell).finish { difference in
            try report(.entry(EntryDifference(difference)))
        }
        try report(.layerEnd(LayerFindings(verdict)))
    }

    private func told(_ number: Int) -> (Int) -> Void {
        let count = max(first.layers.count, second.layers.count)
        var bytes: Int64 = 0
        return { [progress] added in
            bytes += Int64(added)
            progress(.reading(layer: number + 1, of: count, bytes: bytes))
        }
    }
}

extension EntryDifference {
    fileprivate init(_ difference: LayerComparison.Difference) {
        switch difference {
        case .removed(let entry): self.init(first: ImageEntry(entry))
        case .added(let entry): self.init(second: ImageEntry(entry))
        case .changed(let first, let second):
            self.init(ImageEntry(first), ImageEntry(second), hasDetails: first.hasDetails)
        }
    }
}

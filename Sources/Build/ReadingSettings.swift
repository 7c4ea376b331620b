import Images
import Layers
import OCI

/// How images that others made are read.
public struct ReadingSettings: Sendable {
    /// Such as `linux/arm64`, of an image for several; `nil` for this machine.
    public var platform: String?
    /// Threads that decompress; `nil` for as many as the machine gives, 16 at most.
    public var jobs: Int?
    /// What the layers may hold.
    public var limits = LimitSettings()

    /// How registries are spoken to.
    public var distribution: DistributionSettings?

    /// The defaults.
    public init() {}
}

extension StoredImage {
    /// Finds an image by the bytes of its location.
    ///
    /// - Throws: As ``init(_:platform:)``, and `ImageError/malformedLocation`.
    init(parsing text: [UInt8], _ settings: ReadingSettings, hasAttachments: Bool = false) throws {
        try self.init(
            ImagePlace(parsing: text), in: Registries(settings.distribution), platform: settings.platform,
            hasAttachments: hasAttachments)
    }

    /// A layer's entries, the lowest layer being number 0.
    func listing(_ number: Int, _ settings: ReadingSettings) throws -> LayerListing {
        let (descriptor, diffID) = layers[number]
        return LayerListing(
            try openLayer(descriptor), descriptor, diffID: diffID,
            jobs: try LayerSettings.jobs(settings.jobs),
            try settings.limits.limits())
    }
}

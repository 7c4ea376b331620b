/// An image, and the places that shall have it, too.
public struct CopyRequest: Sendable {
    /// Which of an index's images go.
    public enum Platforms: Sendable {
        /// One: such as `linux/arm64`, or this machine's where `nil`.
        case one(String?)
        /// All of them, and the index.
        case all
    }

    /// What may stand on the two sides.
    public enum Direction: Sendable {
        /// From anywhere to anywhere.
        case any
        /// To registries.
        case push
        /// From a registry.
        case pull
    }

    /// The bytes of the image's place.
    public let source: [UInt8]
    /// The bytes of the other places.
    public let destinations: [[UInt8]]
    /// What may stand on the two sides.
    public var direction = Direction.any
    /// Which of an index's images go.
    public var platforms = Platforms.one(nil)
    /// Whether attestations and signatures come along.
    public var hasAttachments = true
    /// How registries are spoken to.
    public var distribution: DistributionSettings?

    /// A request with defaults for all the rest.
    public init(source: [UInt8], destinations: [[UInt8]]) {
        (self.source, self.destinations) = (source, destinations)
    }
}

/// An image that is in further places now.
public struct CopiedImage: Sendable {
    /// The digest of the manifest, or of the index.
    public let digest: String
    /// What moved.
    public let summary: TransferSummary
    /// How many attestations and signatures came along.
    public let attachments: Int
}

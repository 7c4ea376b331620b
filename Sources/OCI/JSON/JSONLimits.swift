/// How much a JSON document may hold before its reading is refused.
public struct JSONLimits: Hashable, Sendable {
    /// The most bytes of text.
    public let bytes: Int
    /// The most arrays and objects inside one another, at most 1,000.
    public let depth: Int
    /// The most values, arrays and objects counted with what is in them.
    public let values: Int

    /// The limits for a manifest, an index, a configuration or an attestation.
    ///
    /// Registries take manifests of up to 4 MiB; OCI distribution-spec v1.1, "Pushing Manifests".
    public static let document = JSONLimits()

    /// - Parameters:
    ///   - bytes: The most bytes of text.
    ///   - depth: The most arrays and objects inside one another; more than
    ///     1,000 count as 1,000, because every level takes room on the stack.
    ///   - values: The most values.
    public init(bytes: Int = 4 << 20, depth: Int = 64, values: Int = 1_000_000) {
        self.bytes = bytes
        self.depth = min(depth, 1_000)
        self.values = values
    }
}

import Layers

/// What images that others made may hold, as the user set it; `nil` for the default.
public struct LimitSettings: Sendable {
    /// The most bytes of one layer.
    public var bytes: Int64?
    /// How many times its stored size a layer may have, beyond 1 GiB.
    public var ratio: Int?
    /// The most entries of an image.
    public var entries: Int?
    /// The most bytes of an entry's path.
    public var pathLength: Int?
    /// The binary logarithm of the largest zstd window.
    public var zstdWindow: Int?

    /// No limit set.
    public init() {}

    /// - Throws: ``BuildError/usage(_:_:)``.
    func limits() throws(BuildError) -> UnpackLimits {
        var limits = UnpackLimits()
        try set(&limits.bytes, bytes, "--max-bytes", 1...Int64.max)
        try set(&limits.ratio, ratio, "--max-ratio", 1...Int.max)
        try set(&limits.entries, entries, "--max-entries", 1...Int.max)
        try set(&limits.pathLength, pathLength, "--max-path", 1...(1 << 20))
        try set(&limits.zstdWindowLog, zstdWindow, "--zstd-window", 10...31)
        return limits
    }

    private func set<Number: Comparable>(
        _ limit: inout Number, _ wish: Number?, _ flag: String, _ range: ClosedRange<Number>
    ) throws(BuildError) {
        guard let wish else { return }
        guard range.contains(wish) else {
            throw .usage(flag, "give \(range.lowerBound) to \(range.upperBound)")
        }
        limit = wish
    }
}

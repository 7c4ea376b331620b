/// What a layer may hold at most: others made it.
public struct UnpackLimits: Sendable {
    public var bytes: Int64 = 256 << 30
    public var ratio = 1000
    public var entries = 2_000_000
    public var pathLength = 4096
    public var zstdWindowLog = 27
    public init() {}
}

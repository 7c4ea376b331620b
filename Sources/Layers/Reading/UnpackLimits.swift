/// How much a layer that somebody else made may cost.
public struct UnpackLimits: Hashable, Sendable {
    /// The most bytes that come out of one layer; 256 GiB, more than any image that a registry takes.
    public var bytes: Int64 = 256 << 30
    /// How many times the blob's size may come out, once more than ``freeBytes`` did.
    ///
    /// 1000 is a little less than deflate can reach: only zeros and their like come near.
    public var ratio = 1000
    /// The most entries of an image.
    public var entries = 2_000_000
    /// The most bytes of an entry's path: what Linux takes in one call.
    public var pathLength = 4096
    /// The binary logarithm of the largest zstd window, and so of the memory for it; what `zstd` itself allows.
    public var zstdWindowLog = 27

    /// From how many bytes on the ratio counts: 1 GiB, which any machine that unpacks images can hold.
    static let freeBytes: Int64 = 1 << 30

    /// The defaults.
    public init() {}

    /// Checks a blob before it is opened.
    ///
    /// - Throws: ``LayerError/tooManyBytes(limit:)``: nothing that is packed is much larger than what it holds.
    public func check(stored size: Int64) throws(LayerError) {
        guard (size - (1 << 20)) / 101 * 100 <= bytes else { throw .tooManyBytes(limit: bytes) }
    }

    /// Checks what came out so far.
    func check(bytes found: Int64, ofBlob size: Int64) throws(LayerError) {
        guard found <= bytes else { throw .tooManyBytes(limit: bytes) }
        if found > Self.freeBytes, found / Int64(max(ratio, 1)) > size { throw .tooHighRatio(limit: ratio) }
    }
}

/// How a layer is stored.
public enum CompressionMethod: Hashable, Sendable {
    /// As it is.
    case none
    /// Gzip at a level.
    case gzip(CompressionLevel)
    /// Zstd at a level of 1 to 19.
    case zstd(Int)

    /// Gzip's level when none is given.
    ///
    /// Measured on a Debian root file system: 1.03 times the size that `pigz -6` makes, at a quarter of its time.
    public static let defaultGzipLevel = 2
    /// Zstd's level when none is given: the library's own default.
    public static let defaultZstdLevel = 3

    /// The method by the names a user gives.
    ///
    /// - Parameters:
    ///   - name: `gzip`, `zstd` or `none`.
    ///   - level: A number or `fastest`; `nil` for the default.
    /// - Throws: ``CompressionError`` for a name or a level that there is not.
    public init(name: String, level: String?) throws(CompressionError) {
        switch name {
        case "none":
            guard level == nil else {
                throw CompressionError("none", "it has no levels; leave the level out")
            }
            self = .none
        case "gzip":
            if level == "fastest" {
                self = .gzip(.fastest)
                return
            }
            let number = try Self.number(level, in: GzipCompressor.levels, of: "gzip", or: " or fastest")
            self = .gzip(.level(number ?? Self.defaultGzipLevel))
        case "zstd":
            let number = try Self.number(level, in: ZstdCompressor.levels, of: "zstd", or: "")
            self = .zstd(number ?? Self.defaultZstdLevel)
        default: throw CompressionError(name, "no such compression; there are gzip, zstd and none")
        }
    }

    private static func number(
        _ text: String?, in levels: ClosedRange<Int>, of name: String, or more: String
    ) throws(CompressionError) -> Int? {
        guard let text else { return nil }
        guard let level = Int(text), levels.contains(level) else {
            throw CompressionError(
                name, "no level \(text); give \(levels.lowerBound) to \(levels.upperBound)\(more)")
        }
        return level
    }

    /// The name a user gives.
    public var name: String {
        switch self {
        case .none: "none"
        case .gzip: "gzip"
        case .zstd: "zstd"
        }
    }

    /// The level, where the method has one.
    public var level: CompressionLevel? {
        switch self {
        case .none: nil
        case .gzip(let level): level
        case .zstd(let level): .level(level)
        }
    }

    /// Whether every processor makes the same bytes of the same pieces.
    public var isReproducible: Bool { self != .gzip(.fastest) }

    /// A compressor, for one thread.
    ///
    /// - Returns: `nil` for ``none``.
    public func compressor() throws(CompressionError) -> PieceCompressor? {
        switch self {
        case .none: return nil
        case .gzip(.level(let level)): return .gzip(try GzipCompressor(level: level))
        case .gzip(.fastest):
            #if ISAL
                return .fastestGzip(FastestGzip())
            #else
                throw CompressionError(
                    "gzip", "this varve was built without isa-l, which makes level fastest")
            #endif
        case .zstd(let level): return .zstd(try ZstdCompressor(level: level))
        }
    }
}

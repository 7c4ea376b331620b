/// How hard a compressor tries.
public enum CompressionLevel: Hashable, Sendable, CustomStringConvertible {
    /// A compressor's own scale: gzip 1 to 12, zstd 1 to 19.
    case level(Int)
    /// Gzip by isa-l's igzip: quickest, larger, and other bytes on other processors.
    case fastest

    /// The text that a user gives for it.
    public var description: String {
        switch self {
        case .level(let level): "\(level)"
        case .fastest: "fastest"
        }
    }
}

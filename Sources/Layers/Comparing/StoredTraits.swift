/// How a layer's tar is stored, as far as its bytes tell without being made again.
///
/// Source: RFC 1952, section 2.3; RFC 8878, section 3.1.1.
public struct StoredTraits: Sendable {
    /// Names and texts, in an order that is always the same: the form, the size and what the first header says.
    public let facts: [(name: String, text: String)]

    /// Reads a layer, and verifies it.
    ///
    /// - Parameters:
    ///   - layer: The layer.
    ///   - progress: Told how many bytes of the tar came, time and again.
    /// - Throws: As ``LayerListing/forEach(progress:_:)``.
    public init(reading layer: LayerListing, progress: @escaping (_ bytes: Int) -> Void) throws {
        let form = try layer.form
        let summary = try layer.forEach(progress: progress) { _ in }
        let beginning = try layer.beginning(18)
        let own: [(String, String)] =
            switch form {
            case .tar: []
            case .gzip: [("gzip members", "\(summary.parts)")] + Self.gzip(beginning)
            case .zstd: [("zstd frames", "\(summary.parts)")] + Self.zstd(beginning)
            }
        facts = [("form", form.rawValue), ("stored size", "\(layer.storedSize)")] + own
    }

    static func gzip(_ header: [UInt8]) -> [(String, String)] {
        guard header.count >= 10 else { return [] }
        let time = header[4..<8].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let effort: [UInt8: String] = [0: "0", 2: "2 (most effort)", 4: "4 (least effort)"]
        let system: [UInt8: String] = [0: "0 (FAT)", 3: "3 (Unix)", 255: "255 (unknown)"]
        return [
            ("flags of the first header", "\(header[3])"), ("time in the first header", "\(time)"),
            ("XFL of the first header", effort[header[8]] ?? "\(header[8])"),
            ("OS of the first header", system[header[9]] ?? "\(header[9])"),
        ]
    }

    static func zstd(_ header: [UInt8]) -> [(String, String)] {
        guard header.count >= 6, header.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else {
            return [("first frame", "skippable")]
        }
        let flags = header[4]
        let isSingle = flags & 0x20 != 0
        let hasSize = isSingle || flags >> 6 != 0
        // Exponent and eighths, section 3.1.1.1.2.
        let base = UInt64(1) << (10 + UInt64(header[5] >> 3))
        let window = base + base / 8 * UInt64(header[5] & 7)
        return [
            ("content size in the first frame", hasSize ? "yes" : "no"),
            ("checksum of the first frame", flags & 4 != 0 ? "yes" : "no"),
            ("window of the first frame", isSingle ? "its content" : "\(window) bytes"),
        ]
    }
}

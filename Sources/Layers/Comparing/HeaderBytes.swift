/// A tar member's header as it is stored: what entries with equal fields may still differ in.
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format"; tar(5).
struct HeaderBytes: Sendable {
    /// A way to write headers.
    enum Dialect: String, Sendable {
        /// Of 1979, without a magic number.
        case old = "V7"
        /// POSIX of 1988, without extended headers.
        case ustar
        /// POSIX of 2001, with extended headers.
        case pax
        /// GNU tar's own.
        case gnu = "GNU"
    }

    private static let block = 512
    private static let fields: [(name: String, range: Range<Int>)] = [
        ("name", 0..<100), ("mode", 100..<108), ("owner's number", 108..<116), ("group's number", 116..<124),
        ("size", 124..<136), ("time", 136..<148), ("type", 156..<157), ("link's target", 157..<257),
        ("magic number", 257..<265), ("owner's name", 265..<297), ("group's name", 297..<329),
        ("device's numbers", 329..<345), ("prefix", 345..<512),
    ]

    private let bytes: [UInt8]

    /// - Parameter bytes: Extended headers, if there are, and the header itself.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The dialect.
    ///
    /// - Returns: `nil` for what is no header.
    var dialect: Dialect? {
        guard bytes.count >= Self.block else { return nil }
        let main = bytes.suffix(Self.block)
        let magic = main.dropFirst(257).prefix(8)
        switch bytes[156] {
        case UInt8(ascii: "x"), UInt8(ascii: "g"): return .pax
        case UInt8(ascii: "L"), UInt8(ascii: "K"): return .gnu
        default:
            if magic.elementsEqual("ustar  \0".utf8) { return .gnu }
            return magic.starts(with: "ustar".utf8) ? .ustar : .old
        }
    }

    /// The fields of the header that another header of the same member has otherwise.
    func differences(from other: HeaderBytes) -> [String] {
        guard bytes.count >= Self.block, other.bytes.count >= Self.block else { return [] }
        let (mine, others) = (Array(bytes.suffix(Self.block)), Array(other.bytes.suffix(Self.block)))
        var names = Self.fields.filter { mine[$0.range] != others[$0.range] }.map(\.name)
        if bytes.dropLast(Self.block) != other.bytes.dropLast(Self.block) { names.append("extended header") }
        return names
    }
}

/// How a tar archive is compressed, whatever it is called.
public enum ArchiveForm: String, Sendable {
    case plain, gzip, bzip2, xz, zstd

    /// What bytes that begin so may be, if they are compressed.
    ///
    /// Source: RFC 1952, section 2.3.1; RFC 8878, section 3.1; the .xz file format, section 2.1.1.1; file(1)'s magic
    /// for bzip2.
    init?(compressionOf beginning: [UInt8]) {
        if beginning.starts(with: [0x1F, 0x8B, 8]) {
            self = .gzip
        } else if beginning.starts(with: "BZh".utf8) {
            self = .bzip2
        } else if beginning.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]) {
            self = .xz
        } else if beginning.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else {
            return nil
        }
    }

    /// Whether bytes begin with a member's header: 512 bytes whose sum is the one that stands in them.
    ///
    /// An archive without members is none, and so is copied as it is.
    ///
    /// Source: POSIX.1-2017, pax, "ustar Interchange Format": chksum.
    static func isHeader(_ beginning: [UInt8]) -> Bool {
        guard beginning.count >= 512 else { return false }
        let digits = beginning[148..<156].drop { $0 == 32 || $0 == 0 }.prefix { (48...55).contains($0) }
        guard let expected = Int(String(decoding: digits, as: UTF8.self), radix: 8) else { return false }
        // The field counts as spaces. Old tars added up bytes with signs.
        var sums = (plain: 8 * 32, signed: 8 * 32)
        for place in 0..<512 where !(148..<156).contains(place) {
            sums.plain += Int(beginning[place])
            sums.signed += Int(Int8(bitPattern: beginning[place]))
        }
        return expected == sums.plain || expected == sums.signed
    }
}

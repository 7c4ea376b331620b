import CDeflate

/// Reads the header of a gzip member, however its bytes are divided.
///
/// Zlib and isa-l read headers too, but isa-l lets reserved flags pass: one
/// reader for both refuses the same files with the same words.
///
/// Source: RFC 1952, sections 2.3 and 2.3.1.
struct GzipHeader {
    private enum Field { case fixed, extraLength, extra, name, comment, checksum, end }

    private var field = Field.fixed
    /// Bytes of the field so far.
    private var count = 0
    private var flags: UInt8 = 0
    private var extraLength = 0
    private var checksum: UInt32 = 0
    private var computed: UInt32 = 0

    /// Whether the header is over.
    var isComplete: Bool { field == .end }

    /// Takes the next byte.
    mutating func take(_ byte: UInt8) throws(CompressionError) {
        if field != .checksum {
            computed = withUnsafeBytes(of: byte) { libdeflate_crc32(computed, $0.baseAddress, 1) }
        }
        count += 1
        switch field {
        case .fixed:
            try takeFixed(byte)
            if count == 10 { begin(.extraLength) }
        case .extraLength:
            extraLength |= Int(byte) << (8 * (count - 1))
            if count == 2 { begin(extraLength == 0 ? .name : .extra) }
        case .extra: if count == extraLength { begin(.name) }
        case .name: if byte == 0 { begin(.comment) }
        case .comment: if byte == 0 { begin(.checksum) }
        case .checksum:
            checksum |= UInt32(byte) << (8 * (count - 1))
            guard count == 2 else { return }
            guard checksum == computed & 0xFFFF else {
                throw CompressionError(decompressing: "gzip", "the header's checksum is wrong")
            }
            field = .end
        case .end: break
        }
    }

    private mutating func takeFixed(_ byte: UInt8) throws(CompressionError) {
        switch count {
        case 1 where byte != 0x1F, 2 where byte != 0x8B:
            throw CompressionError(decompressing: "gzip", "no member begins here: the magic number is wrong")
        case 3 where byte != 8:
            throw CompressionError(decompressing: "gzip", "method \(byte) is not deflate")
        case 4:
            guard byte & 0xE0 == 0 else {
                throw CompressionError(decompressing: "gzip", "reserved flags are set")
            }
            flags = byte
        default: break
        }
    }

    /// Goes to a field, or past it where the flags do not announce it.
    private mutating func begin(_ next: Field) {
        (field, count) = (next, 0)
        if field == .extraLength, flags & 4 == 0 { field = .name }
        if field == .name, flags & 8 == 0 { field = .comment }
        if field == .comment, flags & 16 == 0 { field = .checksum }
        if field == .checksum, flags & 2 == 0 { field = .end }
    }
}

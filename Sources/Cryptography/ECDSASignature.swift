/// The two numbers of an ECDSA signature, in either of the forms that are in use.
///
/// Source: RFC 3279, section 2.2.3 (DER); IEEE P1363 (raw: both numbers in full length, one behind the other).
public struct ECDSASignature: Hashable, Sendable {
    /// A sequence of two integers, in DER.
    public let der: [UInt8]

    /// Reads the raw form, whose numbers have the length that the curve's order has: 32 bytes for P-256.
    ///
    /// - Returns: `nil` for another number of bytes.
    public init?(raw: [UInt8], numberSize: Int) {
        guard raw.count == 2 * numberSize else { return nil }
        let body = Self.integer(raw.prefix(numberSize)) + Self.integer(raw.suffix(numberSize))
        // Two numbers of 48 bytes, the longest that are used, stay below 128: one byte of length does.
        guard body.count < 128 else { return nil }
        der = [0x30, UInt8(body.count)] + body
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
        return [0x02, UInt8(digits.count)] + digits
    }
}

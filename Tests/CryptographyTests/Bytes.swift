import Cryptography
import Testing

/// The bytes of hexadecimal digits.
func hex(_ text: String) -> [UInt8] {
    let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// The bytes of base64.
func base64(_ text: String) throws -> [UInt8] { try #require(Base64.bytes(text.utf8)) }

/// Bytes as a secret, and back.
func secret(_ bytes: [UInt8]) throws -> SecretBytes { try SecretBytes(bytes.span) }
func secret(_ text: String) throws -> SecretBytes { try secret(Array(text.utf8)) }
func plain(_ secret: SecretBytes) -> [UInt8] { secret.withSpan { span in span.indices.map { span[$0] } } }

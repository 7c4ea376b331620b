/// A JSON number, kept as the text that stood in the document.
///
/// `1`, `1.0` and `1e0` are three different numbers here: turned into a binary
/// number and back, a document would change its digest.
///
/// Source: RFC 8259, section 6.
public struct JSONNumber: Hashable, Sendable {
    /// The number as it is written, in the grammar of RFC 8259.
    public let text: String

    /// Writes a whole number in decimal digits.
    public init(_ value: some BinaryInteger) { text = String(value) }

    /// - Parameter text: A text that follows the grammar; the reader has checked it.
    init(checked text: String) { self.text = text }

    /// The number, when its text is a whole number without fraction and exponent that fits 64 bits.
    public var int64: Int64? { Int64(text) }
}

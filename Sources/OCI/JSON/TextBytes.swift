/// A text that is compared and hashed by its UTF-8 bytes.
///
/// `String` calls two spellings of one accented letter equal. A key of a JSON
/// object, a label or a path is a different one when its bytes are.
struct TextBytes: Hashable, Comparable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: TextBytes, right: TextBytes) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    static func < (left: TextBytes, right: TextBytes) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)  // no UTF-8 text holds this byte, so that two texts in a row stay two
    }
}

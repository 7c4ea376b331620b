/// Bytes as text of 64 letters, padded to groups of four.
///
/// Source: RFC 4648, sections 4 and 5.
public enum Base64 {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// What each byte of a text stands for: 0 to 63, or 255 for none; both alphabets.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        return values
    }()

    /// The text, in the standard alphabet with padding.
    public static func text(of bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var start = 0
        while start < bytes.count {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = (0..<3).reduce(0) { word, place in
                word << 8 | (place < group.count ? Int(group[start + place]) : 0)
            }
            for place in 0..<4 {
                text.append(place <= group.count ? digits[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
            start += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text in the standard or the URL-safe alphabet.
    ///
    /// Every byte string has exactly one text in each alphabet: padding must be there, and nothing else may be, neither
    /// line ends nor bits that no byte gets.
    ///
    /// - Returns: `nil` for any other text.
    public static func bytes(of text: String) -> [UInt8]? {
        let text = Array(text.utf8)
        guard text.count.isMultiple(of: 4) else { return nil }
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let letters = text.dropLast(padding)
        let isStandard = letters.contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") }
        let isURLSafe = letters.contains { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        guard !(isStandard && isURLSafe) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var word = 0
        var count = 0
        for letter in letters {
            let value = values[Int(letter)]
            guard value != 255 else { return nil }
            word = word << 6 | Int(value)
            count += 1
            guard count == 4 else { continue }
            bytes.append(UInt8(word >> 16))
            bytes.append(UInt8(word >> 8 & 255))
            bytes.append(UInt8(word & 255))
            (word, count) = (0, 0)
        }
        switch count {
        case 2 where word & 15 == 0: bytes.append(UInt8(word >> 4))
        case 3 where word & 3 == 0: bytes += [UInt8(word >> 10), UInt8(word >> 2 & 255)]
        case 0: break
        default: return nil
        }
        return bytes
    }
}

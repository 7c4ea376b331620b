/// The JSON form of an instruction's arguments: an array of strings.
///
/// Source: RFC 8259; as BuildKit reads it, an unpaired surrogate is U+FFFD.
enum JSONForm {
    /// An array of strings.
    case strings([Word])
    /// A JSON array that holds something else, at a place of the line.
    case otherValues(Int)
    /// No JSON array: the shell form, even where it begins with a bracket.
    case none

    init(_ line: LogicalLine, _ range: Range<Int>) {
        let text = line.bytes.trimming(range)
        guard let first = text.first, line.bytes[first] == UInt8(ascii: "[") else {
            self = .none
            return
        }
        var reader = JSONArrayReader(line.bytes, text)
        guard reader.read() else {
            self = .none
            return
        }
        if let other = reader.otherValue {
            self = .otherValues(other)
        } else {
            self = .strings(reader.strings.map { line.word($0.place, $0.text) })
        }
    }
}

/// Reads one JSON array without recursion: its strings, and whether it holds anything else.
private struct JSONArrayReader {
    private let bytes: [UInt8]
    private let end: Int
    private var index: Int
    private(set) var strings: [(place: Range<Int>, text: [UInt8])] = []
    private(set) var otherValue: Int?

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        (self.bytes, index, end) = (bytes, range.lowerBound, range.upperBound)
    }

    private var next: UInt8? { index < end ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
    }

    /// Whether the whole range is one JSON array.
    mutating func read() -> Bool {
        // The brackets that are open: `[` or `{`.
        var open: [UInt8] = []
        var mayClose = true
        repeat {
            skipSpace()
            guard let byte = next else { return false }
            let isClosing = byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
            if isClosing, mayClose, byte == open.last.map({ $0 + 2 }) {
                open.removeLast()
                index += 1
            } else {
                if open.last == UInt8(ascii: "{") {
                    guard byte == Characters.double, string() != nil else { return false }
                    skipSpace()
                    guard next == UInt8(ascii: ":") else { return false }
                    index += 1
                    skipSpace()
                }
                guard open.count < 1_000, let opened = value(isTop: open.count == 1, isFirst: open.isEmpty)
                else { return false }
                if opened {
                    open.append(bytes[index - 1])
                    mayClose = true
                    continue
                }
            }
            guard closeOrSeparate(&mayClose, isOpen: !open.isEmpty) else { return false }
        } while !open.isEmpty
        return index == end
    }

    /// Passes a comma, where one stands; whether what stands here may follow a value.
    private mutating func closeOrSeparate(_ mayClose: inout Bool, isOpen: Bool) -> Bool {
        skipSpace()
        guard isOpen else { return true }
        mayClose = next != UInt8(ascii: ",")
        if !mayClose { index += 1 }
        return !mayClose || next == UInt8(ascii: "]") || next == UInt8(ascii: "}")
    }

    /// Reads a value or the bracket that opens one: whether it was a bracket, `nil` where it is no value.
    private mutating func value(isTop: Bool, isFirst: Bool) -> Bool? {
        let start = index
        if let byte = next, byte == Characters.double {
            guard let text = string() else { return nil }
            if isTop { strings.append((start..<index, text)) }
            return false
        }
        if !isFirst, otherValue == nil { otherValue = start }
        if let byte = next, byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
            index += 1
            return true
        }
        return isFirst ? nil : scalar()
    }

    private mutating func scalar() -> Bool? {
        let start = index
        while let byte = next, ![0x20, 0x09, 0x0A, 0x0D, 0x2C, 0x5D, 0x7D].contains(byte) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if ["true", "false", "null"].contains(text) { return false }
        let digits = text.utf8.first == Characters.dash ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, let last = digits.utf8.last, Characters.isDigit(first),
            Characters.isDigit(last),
            !(first == 0x30 && digits.utf8.dropFirst().first.map(Characters.isDigit) ?? false),
            digits.utf8.allSatisfy({ Characters.isDigit($0) || "+-.eE".utf8.contains($0) }),
            Double(text) != nil
        else { return nil }
        return false
    }

    /// Reads a string and gives its bytes; `nil` where it is malformed.
    private mutating func string() -> [UInt8]? {
        index += 1
        var text: [UInt8] = []
        while let byte = next, byte >= 0x20 {
            index += 1
            switch byte {
            case Characters.double: return text
            case Characters.backslash:
                guard escape(&text) else { return nil }
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape(_ text: inout [UInt8]) -> Bool {
        guard let byte = next else { return false }
        index += 1
        switch byte {
        case Characters.double, Characters.backslash, Characters.slash: text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard var value = hexadecimal(at: index) else { return false }
            index += 4
            if (0xD800...0xDBFF).contains(value), index + 1 < end, bytes[index] == Characters.backslash,
                bytes[index + 1] == UInt8(ascii: "u"), let low = hexadecimal(at: index + 2),
                (0xDC00...0xDFFF).contains(low)
            {
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                index += 6
            }
            let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
            text += Array(String(Character(scalar)).utf8)
        default: return false
        }
        return true
    }

    private func hexadecimal(at start: Int) -> UInt32? {
        guard start + 4 <= end, bytes[start..<(start + 4)].allSatisfy({ $0 != 0x2B && $0 != 0x2D }) else {
            return nil
        }
        return UInt32(String(decoding: bytes[start..<(start + 4)], as: UTF8.self), radix: 16)
    }
}

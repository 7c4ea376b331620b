/// Writes JSON so that the same value always has the same bytes.
///
/// Only what RFC 8259 section 7 demands is escaped: quotation mark, reverse
/// solidus and the control characters below U+0020. `/` in particular stays
/// as it is, because digests must agree with other tools'.
struct JSONWriter {
    /// What was written.
    private(set) var bytes: [UInt8] = []
    /// Spaces for each level, or `nil` for no white space at all.
    private let indent: Int?

    init(indent: Int?) { self.indent = indent }

    /// Writes a value; `level` is the number of arrays and objects around it.
    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .number(let number): bytes += number.text.utf8
        case .string(let text): write(text)
        case .array(let elements):
            list(elements, open: "[", close: "]", level: level) { writer, element in
                writer.write(element, level: level + 1)
            }
        case .object(let object):
            list(object.members, open: "{", close: "}", level: level) { writer, member in
                writer.write(member.key)
                writer.bytes += (writer.indent == nil ? ":" : ": ").utf8
                writer.write(member.value, level: level + 1)
            }
        }
    }

    private mutating func list<Element>(
        _ elements: [Element], open: Unicode.Scalar, close: Unicode.Scalar, level: Int,
        write: (inout JSONWriter, Element) -> Void
    ) {
        bytes.append(UInt8(ascii: open))
        for (offset, element) in elements.enumerated() {
            if offset > 0 { bytes.append(UInt8(ascii: ",")) }
            newLine(level: level + 1)
            write(&self, element)
        }
        if !elements.isEmpty { newLine(level: level) }
        bytes.append(UInt8(ascii: close))
    }

    private mutating func newLine(level: Int) {
        guard let indent else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case ..<0x10: bytes += "\\u000\(String(byte, radix: 16))".utf8
            case ..<0x20: bytes += "\\u00\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

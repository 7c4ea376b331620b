/// The bytes that mean something in a Dockerfile.
enum Characters {
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let hash = UInt8(ascii: "#")
    static let slash = UInt8(ascii: "/")
    static let backslash = UInt8(ascii: "\\")
    static let single = UInt8(ascii: "'")
    static let double = UInt8(ascii: "\"")
    static let dollar = UInt8(ascii: "$")
    static let less = UInt8(ascii: "<")
    static let dash = UInt8(ascii: "-")
    static let equals = UInt8(ascii: "=")

    /// The byte order mark of UTF-8.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Whether the byte parts an instruction from its arguments, and words of most instructions.
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == space || byte == tab || byte == 0x0B || byte == 0x0C || byte == carriageReturn
    }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension RandomAccessCollection where Element == UInt8, Index == Int {
    /// The number of bytes of the white space at an index, or 0 where there is none.
    ///
    /// Source: Unicode's property White_Space, which BuildKit trims lines by.
    func whiteSpace(at index: Int) -> Int {
        guard index < endIndex else { return 0 }
        switch self[index] {
        case 0x09...0x0D, 0x20: return 1
        case 0xC2 where index + 1 < endIndex:
            return self[index + 1] == 0x85 || self[index + 1] == 0xA0 ? 2 : 0
        case 0xE1...0xE3 where index + 2 < endIndex:
            let value = Int(self[index]) << 16 | Int(self[index + 1]) << 8 | Int(self[index + 2])
            let isSpace =
                switch value {
                case 0xE19A80, 0xE28080...0xE2808A, 0xE280A8, 0xE280A9, 0xE280AF, 0xE2819F, 0xE38080: true
                default: false
                }
            return isSpace ? 3 : 0
        default: return 0
        }
    }

    /// The part of a range between the white space at its ends.
    func trimming(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end {
            let width = whiteSpace(at: start)
            guard width > 0 else { break }
            start += width
        }
        shrink: while end > start {
            for width in 1...3 where end - width >= start && whiteSpace(at: end - width) == width {
                end -= width
                continue shrink
            }
            break
        }
        return start..<end
    }
}

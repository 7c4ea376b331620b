/// What a text must be before libyaml sees it.
enum YAMLText {
    /// Refuses what is no UTF-8, and characters that stand for different things to different readers.
    ///
    /// - Throws: ``YAMLError`` with the place of the first such character.
    static func check(_ bytes: [UInt8]) throws(YAMLError) {
        guard bytes.count <= YAMLLimits.bytes else {
            throw YAMLError(
                line: 1, column: 1, reason: "\(bytes.count) bytes, at most \(YAMLLimits.bytes) are read")
        }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var place = (line: 1, column: 1)
        var previous: Unicode.Scalar?
        while true {
            let next: Unicode.Scalar?
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded): next = UTF8.decode(encoded)
            case .emptyInput: next = nil
            case .error: throw YAMLError(line: place.line, column: place.column, reason: "not UTF-8")
            }
            if previous == "\r", next != "\n" {
                let reason =
                    "a carriage return without a line feed, which only some readers take for a line's end"
                throw YAMLError(line: place.line, column: place.column - 1, reason: reason)
            }
            guard let next else { return }
            if let reason = objection(to: next, isFirst: previous == nil) {
                throw YAMLError(line: place.line, column: place.column, reason: reason)
            }
            place = next == "\n" ? (place.line + 1, 1) : (place.line, place.column + 1)
            previous = next
        }
    }

    /// Refuses `%TAG` before libyaml, whose time grows with the square of how many there are: minutes for 1 MiB.
    ///
    /// - Throws: ``YAMLError`` with the place of the first one.
    static func refuseTagDirectives(in bytes: [UInt8]) throws(YAMLError) {
        var line = 1
        for (place, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "%"), place == 0 || bytes[place - 1] == 0x0A,
                bytes[place...].starts(with: "%TAG".utf8)
            {
                throw YAMLError(line: line, column: 1, reason: "tags are not read: remove %TAG")
            }
            if byte == 0x0A { line += 1 }
        }
    }

    private static func objection(to scalar: Unicode.Scalar, isFirst: Bool) -> String? {
        switch scalar {
        case "\0": "a NUL"
        case "\u{FEFF}" where !isFirst: "a byte order mark inside the text"
        // To YAML 1.1, and to libyaml, a comment ends here; to YAML 1.2, and on a screen, it goes on.
        case "\u{85}", "\u{2028}", "\u{2029}":
            "U+\(String(scalar.value, radix: 16, uppercase: true).leftPadded), "
                + "which only some readers take for a line's end"
        default: nil
        }
    }

    /// The place of a byte, for a message.
    static func place(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        let before = bytes.prefix(offset)
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let scalars = before[lineStart...].count { $0 & 0xC0 != 0x80 }
        return (before.count { $0 == 0x0A } + 1, scalars + 1)
    }
}

extension String {
    /// Four digits at least, as Unicode's code points are written.
    fileprivate var leftPadded: String { String(repeating: "0", count: max(0, 4 - count)) + self }
}

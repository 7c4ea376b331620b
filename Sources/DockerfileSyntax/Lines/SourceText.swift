/// A text cut into lines.
struct SourceText {
    let bytes: [UInt8]
    /// Where each line lies, without its end.
    let lines: [Range<Int>]
    /// The byte after each line's end.
    let ends: [Int]

    /// Cuts a text into lines, without the byte order mark that may stand before it.
    ///
    /// - Throws: ``SyntaxError`` where the text is too large, no UTF-8, or holds a NUL.
    init(_ text: [UInt8], limits: Limits) throws(SyntaxError) {
        let start = Position(line: 1, column: 1)
        guard text.count <= limits.bytes else {
            throw SyntaxError(start, "the file has \(text.count) bytes, at most \(limits.bytes) are read")
        }
        if text.starts(with: [0xFE, 0xFF]) || text.starts(with: [0xFF, 0xFE]) {
            throw SyntaxError(start, "the file is UTF-16; save it as UTF-8")
        }
        bytes = text.starts(with: Characters.byteOrderMark) ? Array(text.dropFirst(3)) : text
        var (lines, ends, begin) = ([Range<Int>](), [Int](), 0)
        while begin < bytes.count {
            let newline = bytes[begin...].firstIndex(of: Characters.newline)
            var end = newline ?? bytes.count
            while end > begin, bytes[end - 1] == Characters.carriageReturn { end -= 1 }
            lines.append(begin..<end)
            begin = newline.map { $0 + 1 } ?? bytes.count
            ends.append(begin)
        }
        (self.lines, self.ends) = (lines, ends)
        for (index, line) in lines.enumerated() where line.count > limits.lineBytes {
            throw SyntaxError(
                Position(line: index + 1, column: limits.lineBytes + 1),
                "the line has \(line.count) bytes, at most \(limits.lineBytes) are read")
        }
        try checkEncoding()
    }

    private func checkEncoding() throws(SyntaxError) {
        if let zero = bytes.firstIndex(of: 0), let line = ends.firstIndex(where: { $0 > zero }) {
            let column = zero - lines[line].lowerBound + 1
            throw SyntaxError(Position(line: line + 1, column: column), "a NUL byte", line: text(of: line))
        }
        guard String(validating: bytes, as: UTF8.self) == nil else { return }
        for (index, line) in lines.enumerated()
        where String(validating: bytes[line], as: UTF8.self) == nil {
            let column = firstError(in: bytes[line])
            throw SyntaxError(
                Position(line: index + 1, column: column + 1), "the byte is not UTF-8", line: text(of: index))
        }
    }

    /// A line without its end, counted from 0; empty where there is none.
    func text(of line: Int) -> String {
        lines.indices.contains(line) ? String(decoding: bytes[lines[line]], as: UTF8.self) : ""
    }
}

/// The offset of the first byte that is not UTF-8; the number of bytes where all are.
private func firstError(in bytes: ArraySlice<UInt8>) -> Int {
    var (parser, iterator, offset) = (Unicode.UTF8.ForwardParser(), bytes.makeIterator(), 0)
    while true {
        switch parser.parseScalar(from: &iterator) {
        case .valid(let scalar): offset += scalar.count
        case .error, .emptyInput: return offset
        }
    }
}

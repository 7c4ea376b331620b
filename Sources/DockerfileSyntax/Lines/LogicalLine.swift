/// One instruction's lines, joined to one, without comments and continuation characters.
struct LogicalLine {
    private(set) var bytes: [UInt8] = []
    /// Where each part of `bytes` begins, and where in the file that is.
    private var parts: [(start: Int, position: Position)] = []
    /// The first and the last line in the file, from 1; here-documents come after.
    private(set) var lines: ClosedRange<Int>
    /// Whether an empty line stands between two joined ones.
    var holdsEmptyLine = false

    init(line: Int) { lines = line...line }

    /// A line that stands in no file: a trigger of an image.
    init(text: [UInt8]) {
        self.init(line: 1)
        append(text[...], at: Position(line: 1, column: 1))
    }

    mutating func append(_ part: ArraySlice<UInt8>, at position: Position) {
        parts.append((bytes.count, position))
        bytes += part
        extend(to: position.line)
    }

    mutating func extend(to line: Int) { lines = lines.lowerBound...max(line, lines.upperBound) }

    /// Where a byte of the joined line stands in the file.
    func position(of offset: Int) -> Position {
        var (low, high) = (0, parts.count)
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].start <= offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return Position(line: lines.lowerBound, column: 1) }
        let part = parts[low - 1]
        return Position(line: part.position.line, column: part.position.column + offset - part.start)
    }

    /// A part of the line as a word.
    func word(_ range: Range<Int>) -> Word { word(range, bytes[range]) }

    /// A word at a place in the line, whose text was quoted there.
    func word(_ range: Range<Int>, _ text: some Collection<UInt8>) -> Word {
        Word(String(decoding: text, as: UTF8.self), at: position(of: range.lowerBound))
    }

    func error(_ offset: Int, _ reason: String, suggestion: String? = nil) -> SyntaxError {
        SyntaxError(position(of: offset), reason, suggestion: suggestion)
    }
}

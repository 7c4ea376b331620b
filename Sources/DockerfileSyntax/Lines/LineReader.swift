/// Hands out a file's instructions as joined lines, and the here-documents between them.
///
/// Source: BuildKit's Dockerfile parser: comments inside a continuation vanish, empty lines inside one do too.
struct LineReader {
    private let source: SourceText
    private let escape: UInt8
    private let limits: Limits
    private var next = 0

    init(_ source: SourceText, escape: Directives.Escape, limits: Limits) {
        (self.source, self.escape, self.limits) = (source, escape.rawValue, limits)
    }

    /// The next line that is neither empty nor a comment, with the lines that continue it.
    mutating func line() throws(SyntaxError) -> LogicalLine? {
        while next < source.lines.count {
            let whole = source.lines[next]
            let line = source.bytes.trimming(whole).lowerBound..<whole.upperBound
            if !line.isEmpty, !source.bytes.isComment(line) { return try continued(line) }
            next += 1
        }
        return nil
    }

    private mutating func continued(_ first: Range<Int>) throws(SyntaxError) -> LogicalLine {
        var result = LogicalLine(line: next + 1)
        var isContinued = append(first, to: &result)
        while isContinued, next < source.lines.count {
            let line = source.lines[next]
            if source.bytes.isComment(line) || source.bytes.trimming(line).isEmpty {
                if !source.bytes.isComment(line) { result.holdsEmptyLine = true }
                next += 1
                result.extend(to: next)
                continue
            }
            isContinued = append(line, to: &result)
            guard result.bytes.count <= limits.instructionBytes else {
                throw SyntaxError(
                    Position(line: next, column: 1),
                    "the instruction has more than \(limits.instructionBytes) bytes")
            }
        }
        return result
    }

    /// Adds a line without its continuation character, and says whether it had one.
    private mutating func append(_ line: Range<Int>, to result: inout LogicalLine) -> Bool {
        let column = line.lowerBound - source.lines[next].lowerBound + 1
        var end = line.upperBound
        while end > line.lowerBound, [Characters.space, Characters.tab].contains(source.bytes[end - 1]) {
            end -= 1
        }
        // Two of them are an escaped one, and continue nothing.
        let isContinued =
            end > line.lowerBound && source.bytes[end - 1] == escape
            && (end - 1 == line.lowerBound || source.bytes[end - 2] != escape)
        next += 1
        let part = line.lowerBound..<(isContinued ? end - 1 : line.upperBound)
        result.append(source.bytes[part], at: Position(line: next, column: column))
        return isContinued
    }

    /// Reads the body of a here-document, from the line after what was read last.
    mutating func heredoc(_ opening: HeredocOpening, of line: LogicalLine) throws(SyntaxError) -> Heredoc {
        let first = next
        while next < source.lines.count {
            var text = source.bytes[source.lines[next]]
            if opening.stripsTabs { text = text.drop { $0 == Characters.tab } }
            next += 1
            guard text.elementsEqual(opening.name.utf8) else { continue }
            let start = source.lines[first].lowerBound
            let body = source.bytes[start..<source.lines[next - 1].lowerBound]
            return Heredoc(opening, String(decoding: body, as: UTF8.self), line: first + 1)
        }
        throw line.error(
            opening.range.lowerBound,
            "the here-document does not end: no line that is only \(opening.name.quoted)")
    }

    /// The number of lines read.
    var count: Int { next }
}

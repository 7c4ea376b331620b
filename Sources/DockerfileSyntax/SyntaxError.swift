/// What is wrong with a Dockerfile or an ignore file, and where.
///
/// The name of the file is not in it: who read the file puts it before ``description``.
public struct SyntaxError: Error, Hashable, Sendable {
    /// Where it is wrong.
    public private(set) var position: Position
    /// What is wrong, in one sentence without a full stop.
    public let reason: String
    /// What was probably meant, such as `COPY` for `COYP`.
    public let suggestion: String?
    /// The line of the file that ``position`` is in, without its end.
    public private(set) var line: String

    init(_ position: Position, _ reason: String, suggestion: String? = nil, line: String = "") {
        (self.position, self.suggestion, self.line) = (position, suggestion, line)
        // Words of the file may be in it, which may be long, and steer a terminal.
        self.reason = String(String.UnicodeScalarView(reason.unicodeScalars.prefix(400).map(printable)))
    }

    /// The same error with the line it is in.
    func showing(_ line: String) -> SyntaxError {
        guard self.line.isEmpty else { return self }
        var copy = self
        copy.line = line
        // A part of a word that began in the line may stand in a line that continues it.
        copy.position = Position(line: position.line, column: min(position.column, line.utf8.count + 1))
        return copy
    }
}

/// A place in a file.
public struct Position: Hashable, Sendable, Comparable {
    /// The line, from 1.
    public let line: Int
    /// The byte in the line, from 1.
    public let column: Int

    /// A place in a file.
    public init(line: Int, column: Int) { (self.line, self.column) = (line, column) }

    /// Whether one place comes before another.
    public static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// Something in a Dockerfile that is allowed and probably not meant.
public struct Warning: Hashable, Sendable {
    /// Where it is.
    public let position: Position
    /// What it is, in one sentence without a full stop.
    public let reason: String

    init(_ position: Position, _ reason: String) { (self.position, self.reason) = (position, reason) }
}

extension SyntaxError: CustomStringConvertible {
    /// One line, as the user reads it.
    public var description: String {
        let meant = suggestion.map { "; did you mean \($0)?" } ?? ""
        return "line \(position.line), column \(position.column): \(reason)\(meant)"
    }

    /// The line with a caret below the place: two lines without a final line end, or none where the line is unknown.
    ///
    /// Of a long line 100 characters around the place are shown; what could steer a terminal is replaced.
    public var excerpt: String {
        guard !line.isEmpty else { return "" }
        let number = String(position.line)
        let margin = String(repeating: " ", count: number.utf8.count)
        let before = String(decoding: line.utf8.prefix(position.column - 1), as: UTF8.self)
        let scalars = Array(line.unicodeScalars)
        let place = min(before.unicodeScalars.count, scalars.count)
        let start = max(0, place - 60)
        let shown = scalars[start..<min(scalars.count, start + 100)].map(printable)
        let caret = shown.prefix(place - start).map { $0 == "\t" ? "\t" : " " }
        let mark = start > 0 ? "…" : ""
        return "\(number) | \(mark)\(String(String.UnicodeScalarView(shown)))\n\(margin) | "
            + (start > 0 ? " " : "") + caret.joined() + "^"
    }
}

/// The scalar itself, or a replacement where a terminal would do something else than show it.
private func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar == "\t" { return scalar }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
        "\u{FFFD}"
    default: scalar
    }
}

extension String {
    /// The text between quotation marks for a message, at most 80 characters of it.
    var quoted: String {
        let scalars = unicodeScalars.prefix(81).map(printable)
        let text = String(String.UnicodeScalarView(scalars.prefix(80)))
        return "\"\(text)\(scalars.count > 80 ? "…" : "")\""
    }
}

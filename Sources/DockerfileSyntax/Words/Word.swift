/// A word of an instruction as it stands in the file, or what it was expanded to.
public struct Word: Hashable, Sendable {
    /// The text.
    public let text: String
    /// Where the word begins in the file.
    public let position: Position

    init(_ text: String, at position: Position) { (self.text, self.position) = (text, position) }

    func error(_ reason: String, suggestion: String? = nil) -> SyntaxError {
        SyntaxError(position, reason, suggestion: suggestion)
    }

    /// The same place with another text.
    func with(_ text: String) -> Word { Word(text, at: position) }

    /// What stands before and after the first `=`.
    var assignment: (name: Word, value: Word)? {
        let bytes = text.utf8
        guard let equals = bytes.firstIndex(of: Characters.equals) else { return nil }
        let length = bytes.distance(from: bytes.startIndex, to: equals)
        let after = Position(line: position.line, column: position.column + length + 1)
        return (with(String(text[..<equals])), Word(String(text[bytes.index(after: equals)...]), at: after))
    }
}

/// The bytes of two texts are the same; `==` would also hold for other spellings of the same characters.
func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

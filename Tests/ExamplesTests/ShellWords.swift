/// The words that a shell makes of a line, up to a pipe, a redirection or a comment.
///
/// Variables stay as they are written; substitutions, and what a CI system fills in, become an `x`.
struct ShellWords {
    private(set) var words: [String] = []
    private var word: String?

    init(_ line: String) {
        var quote: Character?
        for character in Self.filled(line) {
            switch (quote, character) {
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (let open?, _) where open == character: quote = nil
            case (nil, " "), (nil, "\n"): end()
            // Within a word they are what the word says: a branch of a repository, or a version.
            case (nil, "|") where word == nil, (nil, ">") where word == nil, (nil, "#") where word == nil:
                return
            default: word = (word ?? "") + String(character)
            }
        }
        end()
    }

    private mutating func end() {
        if let word { words.append(word) }
        word = nil
    }

    private static let marks = [("${{", "}}"), ("{{", "}}"), ("<+", ">"), ("$(", ")")]

    /// A text whose templates and substitutions are filled in.
    static func filled(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        outer: while let first = rest.first {
            for (start, end) in marks where rest.hasPrefix(start) {
                rest = afterClosing(rest.dropFirst(start.count), end)
                result += "x"
                continue outer
            }
            result.append(first)
            rest = rest.dropFirst()
        }
        return result
    }

    /// What follows a template; parentheses lie within one another.
    private static func afterClosing(_ text: Substring, _ end: String) -> Substring {
        var (rest, depth) = (text, 1)
        while !rest.isEmpty {
            if end == ")", rest.first == "(" { depth += 1 }
            if rest.hasPrefix(end) {
                depth -= 1
                if depth == 0 { return rest.dropFirst(end.count) }
            }
            rest = rest.dropFirst()
        }
        return rest
    }
}

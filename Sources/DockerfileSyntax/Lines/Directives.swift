/// The parser directives at the head of a Dockerfile: comments `# name=value` before anything else.
///
/// Source: Dockerfile reference, "Parser directives".
public struct Directives: Hashable, Sendable {
    /// The front end that the file asks for, such as `docker/dockerfile:1`, without what follows a space.
    public private(set) var syntax: String?
    /// The rules of `docker build --check`, as they stand, such as `skip=JSONArgsRecommended;error=true`.
    public private(set) var check: String?
    /// The character that escapes, and that continues a line.
    public private(set) var escape = Escape.backslash

    /// What `escape` may be.
    public enum Escape: UInt8, Sendable {
        /// `\`, where no directive says otherwise.
        case backslash = 0x5C
        /// The grave accent, for paths of Windows.
        case backtick = 0x60
    }

    private static let names = ["check", "escape", "syntax"]

    /// Reads the directives; the first line that is none ends them.
    ///
    /// A first line `#!…` is skipped, and hides `escape`, as in BuildKit.
    init(_ source: SourceText, warnings: inout [Warning]) throws(SyntaxError) {
        let isScript = source.lines.first.map { source.bytes[$0].starts(with: "#!".utf8) } ?? false
        var (seen, hasEnded) = (Set<String>(), false)
        for index in source.lines.indices.dropFirst(isScript ? 1 : 0) {
            let line = source.lines[index]
            guard let found = Self.directive(in: source.bytes, source.bytes.trimming(line)) else {
                // Only comments can still look like a directive, and only the first lines are looked at.
                guard index < 64, source.bytes.isComment(line) else { return }
                hasEnded = true
                continue
            }
            let position = Position(line: index + 1, column: 1)
            guard Self.names.contains(found.name), !hasEnded else {
                if found.name == "escape" {
                    warnings.append(Warning(position, "a comment: directives stand before all other lines"))
                }
                hasEnded = true
                continue
            }
            guard seen.insert(found.name).inserted else {
                throw SyntaxError(
                    position, "the directive \(found.name) stands twice", line: source.text(of: index))
            }
            if found.name == "escape", isScript {
                warnings.append(Warning(position, "a comment: no directive escape after a line #!"))
            } else {
                try set(found.name, found.value, position, source.text(of: index))
            }
        }
    }

    private mutating func set(
        _ name: String, _ value: String, _ position: Position, _ line: String
    ) throws(SyntaxError) {
        switch name {
        case "syntax": syntax = String(decoding: value.utf8.prefix { $0 != Characters.space }, as: UTF8.self)
        case "check": check = value
        default:
            guard value.utf8.count == 1, let escape = value.utf8.first.flatMap(Escape.init) else {
                throw SyntaxError(
                    position, "the escape character is \\ or `, not \(value.quoted)", line: line)
            }
            self.escape = escape
        }
    }

    /// The name in small letters, and the value, of a line `# name = value`.
    private static func directive(in bytes: [UInt8], _ line: Range<Int>) -> (name: String, value: String)? {
        guard let first = line.first, bytes[first] == Characters.hash,
            let equals = bytes[line].firstIndex(of: Characters.equals)
        else { return nil }
        let name = bytes.trimming((first + 1)..<equals)
        let value = bytes.trimming((equals + 1)..<line.upperBound)
        let letters = bytes[name].map { $0 | 0x20 }
        guard let initial = letters.first, (0x61...0x7A).contains(initial), !value.isEmpty,
            zip(letters, bytes[name]).allSatisfy({
                (0x61...0x7A).contains($0) && $1 >= 0x41 || Characters.isDigit($1)
            })
        else { return nil }
        return (
            String(decoding: bytes[name], as: UTF8.self).lowercased(),
            String(decoding: bytes[value], as: UTF8.self)
        )
    }
}

extension [UInt8] {
    /// Whether the first thing in a line is `#`.
    func isComment(_ line: Range<Int>) -> Bool {
        trimming(line).first.map { self[$0] == Characters.hash } ?? false
    }
}

/// Reads a file's instructions one after another.
struct InstructionReader {
    private let source: SourceText
    private var lines: LineReader
    private let escape: Directives.Escape
    private(set) var warnings: [Warning] = []

    init(_ source: SourceText, escape: Directives.Escape, limits: Limits) {
        (self.source, self.escape) = (source, escape)
        lines = LineReader(source, escape: escape, limits: limits)
    }

    /// The next instruction; `nil` at the end.
    mutating func instruction() throws(SyntaxError) -> Instruction? {
        do {
            guard let statement = try statement() else { return nil }
            let range = statement.line.lines
            let last = min(range.upperBound, statement.heredocs.first.map { $0.line - 1 } ?? range.upperBound)
            let instruction = try Instruction(
                statement, escape: escape, source: (range.lowerBound...last).map { source.text(of: $0 - 1) })
            warn(statement, instruction)
            return instruction
        } catch {
            throw error.showing(source.text(of: error.position.line - 1))
        }
    }

    private mutating func warn(_ statement: Statement, _ instruction: Instruction) {
        if statement.line.holdsEmptyLine {
            warnings.append(Warning(instruction.position, "an empty line inside the continued instruction"))
        }
        if statement.heredocs.contains(where: { $0.content.utf8.contains(Characters.carriageReturn) }) {
            warnings.append(
                Warning(instruction.position, "lines of the here-document end with a carriage return"))
        }
        switch instruction.content {
        case .maintainer:
            warnings.append(
                Warning(instruction.position, "MAINTAINER is deprecated; LABEL can say who maintains"))
        case .cmd(let command), .entrypoint(let command): warn(command)
        case .run(let run): warn(run.command)
        default: break
        }
    }

    private mutating func warn(_ command: CommandLine) {
        guard case .shell(let word) = command, word.text.hasPrefix("["), word.text.hasSuffix("]") else {
            return
        }
        let text = Array(word.text.utf8)
        let quotes = [Characters.single, Characters.double]
        // A shell has a blank after `[`, and hardly ever a comma after a quote.
        let hasComma = zip(text, text.dropFirst()).contains { quotes.contains($0) && $1 == UInt8(ascii: ",") }
        guard quotes.contains(text.dropFirst().first ?? 0) || hasComma else { return }
        warnings.append(Warning(word.position, "no JSON in spite of its brackets; a shell reads it"))
    }

    private mutating func statement() throws(SyntaxError) -> Statement? {
        guard let line = try lines.line() else { return nil }
        var statement = try Statement(line, escape: escape.rawValue)
        guard !statement.openings.isEmpty else { return statement }
        for opening in statement.openings { statement.heredocs.append(try lines.heredoc(opening, of: line)) }
        statement.extend(to: lines.count)
        return statement
    }
}

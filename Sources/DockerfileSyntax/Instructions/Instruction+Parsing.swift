extension Instruction {
    init(_ statement: Statement, escape: Directives.Escape, source: [String]) throws(SyntaxError) {
        let line = statement.line
        let whole = line.bytes.trimming(0..<line.bytes.count)
        self.init(
            keyword: statement.keyword, content: try Content(statement), lines: line.lines,
            position: statement.position, text: String(decoding: line.bytes[whole], as: UTF8.self),
            escape: escape,
            source: source)
        // What has no variables can be checked before anything is built.
        if !text.utf8.contains(Characters.dollar) { _ = try expanded(with: Variables()) }
    }

    /// Reads a trigger, as an image's configuration has it.
    ///
    /// - Throws: ``SyntaxError``, also where the text is more than one instruction, or one that cannot be a trigger.
    public init(trigger text: String, escape: Directives.Escape = .backslash) throws(SyntaxError) {
        let limits = Limits()
        let source = try SourceText(Array(text.utf8), limits: limits)
        var reader = InstructionReader(source, escape: escape, limits: limits)
        let start = Position(line: 1, column: 1)
        guard let instruction = try reader.instruction() else { throw SyntaxError(start, "an empty trigger") }
        try Trigger.check(instruction.keyword, at: start)
        if let next = try reader.instruction() {
            throw SyntaxError(next.position, "a trigger is one instruction", line: next.source.first ?? "")
        }
        self = instruction
    }
}

extension Trigger {
    init(_ statement: Statement, of outer: Statement) throws(SyntaxError) {
        try Self.check(statement.keyword, at: statement.position)
        var inner = statement
        inner.heredocs = outer.heredocs
        _ = try Instruction.Content(inner)
        keyword = statement.keyword
        let line = statement.line.bytes
        let start = outer.rest.lowerBound
        let words = String(decoding: line[line.trimming(start..<line.count)], as: UTF8.self)
        text = outer.heredocs.reduce(words) { $0 + "\n" + $1.content + $1.name }
    }

    static func check(_ keyword: Keyword, at position: Position) throws(SyntaxError) {
        guard ![.from, .maintainer, .onbuild].contains(keyword) else {
            throw SyntaxError(position, refusal(keyword))
        }
    }

    static func refusal(_ keyword: Keyword) -> String {
        "\(keyword.rawValue) is not allowed as a trigger of ONBUILD"
    }
}

extension Instruction.Content {
    init(_ statement: Statement) throws(SyntaxError) {
        switch statement.keyword {
        case .add: self = .add(try Add(statement))
        case .copy: self = .copy(try Copy(statement))
        case .from: self = .from(try From(statement))
        case .healthcheck: self = .healthcheck(try Healthcheck(statement))
        case .run: self = .run(try Run(statement))
        default:
            _ = try Flags(statement)
            self = try Self.simple(statement)
        }
    }

    /// The instructions without flags.
    private static func simple(_ statement: Statement) throws(SyntaxError) -> Self {
        let keyword = statement.keyword
        switch (keyword, statement.arguments) {
        case (.arg, .words(let words)): return .arg(try words.map(Argument.init))
        case (.cmd, _): return .cmd(try CommandLine(statement))
        case (.entrypoint, _): return .entrypoint(try CommandLine(statement))
        case (.env, .pairs(let pairs)): return .env(try named(pairs, keyword))
        case (.label, .pairs(let pairs)): return .label(try named(pairs, keyword))
        case (.expose, .words(let words)): return .expose(words)
        case (.onbuild, .statement(let inner)): return .onbuild(try Trigger(inner, of: statement))
        case (.shell, .json(let words)) where !words.isEmpty: return .shell(words)
        case (.shell, .text(let word)):
            throw word.error("SHELL takes the JSON form only: SHELL [\"program\", \"argument\"]")
        case (.volume, .words(let words)), (.volume, .json(let words)):
            if let blank = words.first(where: { $0.text.utf8.allSatisfy(Characters.isBlank) }) {
                throw blank.error("a volume without a path")
            }
            guard !words.isEmpty else { break }
            return .volume(words)
        case (.maintainer, .text(let word)): return .maintainer(word)
        case (.stopSignal, .text(let word)): return .stopSignal(word)
        case (.user, .text(let word)): return .user(word)
        case (.workdir, .text(let word)): return .workdir(word)
        default: break
        }
        let isSingle = [.maintainer, .stopSignal, .user, .workdir].contains(keyword)
        let count = isSingle ? "exactly" : "at least"
        throw SyntaxError(statement.position, "\(keyword.rawValue) requires \(count) one argument")
    }

    private static func named(_ pairs: [Assignment], _ keyword: Keyword) throws(SyntaxError) -> [Assignment] {
        if let blank = pairs.first(where: { $0.name.text.isEmpty }) {
            throw blank.name.error("\(keyword.rawValue) names can not be blank")
        }
        return pairs
    }
}

extension Argument {
    init(_ word: Word) throws(SyntaxError) {
        (name, value) = word.assignment.map { ($0.name, $0.value) } ?? (word, nil)
        guard !name.text.isEmpty else { throw word.error("ARG names can not be blank") }
    }
}

extension From {
    /// Names that stand for something else where a stage's name may stand.
    static let reserved = ["context", "scratch"]

    init(_ statement: Statement) throws(SyntaxError) {
        let flags = try Flags(statement, ["platform": .value])
        guard case .words(let words) = statement.arguments, words.count == 1 || words.count == 3 else {
            throw SyntaxError(
                statement.position, "FROM requires either one or three arguments: FROM image [AS name]")
        }
        (base, platform) = (words[0], flags.value("platform"))
        guard words.count == 3 else {
            name = nil
            return
        }
        guard words[1].text.lowercased() == "as" else {
            throw words[1].error("between image and name stands AS, not \(words[1].text.quoted)")
        }
        let name = words[2].with(words[2].text.lowercased())
        guard let first = name.text.utf8.first, (0x61...0x7A).contains(first),
            name.text.utf8.allSatisfy({
                (0x61...0x7A).contains($0) || Characters.isDigit($0) || "-_.".utf8.contains($0)
            })
        else {
            throw name.error(
                "\(words[2].text.quoted) is no name of a stage: a letter, then letters, digits and - _ .")
        }
        guard name.text != "scratch" else {
            throw name.error("scratch is the empty image, and no name of a stage")
        }
        self.name = name
    }
}

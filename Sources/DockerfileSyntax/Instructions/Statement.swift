/// An instruction cut into keyword, flags and arguments; what they mean is ``Instruction``'s matter.
///
/// Source: BuildKit's Dockerfile parser.
struct Statement {
    /// What follows the flags.
    indirect enum Arguments {
        case none
        case text(Word)
        case words([Word])
        case json([Word])
        case pairs([Assignment])
        case kind(Word, Arguments)
        case statement(Statement)
    }

    private(set) var line: LogicalLine
    let keyword: Keyword
    /// Where the keyword stands.
    let position: Position
    let flags: [Word]
    private(set) var arguments = Arguments.none
    /// The openings of here-documents, where the instruction can have some.
    private(set) var openings: [HeredocOpening] = []
    /// The here-documents, in the order of the openings.
    var heredocs: [Heredoc] = []
    /// The text after the flags.
    let rest: Range<Int>

    init(_ line: LogicalLine, escape: UInt8) throws(SyntaxError) {
        try self.init(line, 0..<line.bytes.count, escape: escape)
    }

    private init(
        _ line: LogicalLine, _ range: Range<Int>, escape: UInt8, isTrigger: Bool = false
    ) throws(SyntaxError) {
        let range = line.bytes.trimming(range)
        let end = line.bytes[range].firstIndex(where: Characters.isBlank) ?? range.upperBound
        let word = line.word(range.lowerBound..<end)
        guard !word.text.isEmpty else { throw line.error(0, "a line that continues, and no instruction") }
        (self.line, position) = (line, word.position)
        keyword = try Keyword(word)
        var splitter = FlagSplitter(line, end..<range.upperBound)
        flags = splitter.flags()
        rest = line.bytes.trimming(splitter.index..<range.upperBound)
        arguments = try parsed(escape, isTrigger: isTrigger)
    }

    /// Counts the lines of the here-documents in.
    mutating func extend(to last: Int) { line.extend(to: last) }

    private mutating func parsed(_ escape: UInt8, isTrigger: Bool) throws(SyntaxError) -> Arguments {
        guard !rest.isEmpty else { return .none }
        switch keyword {
        case .maintainer, .stopSignal, .user, .workdir: return .text(line.word(rest))
        case .from, .expose: return .words(line.blankWords(rest))
        case .arg: return .words(line.quotedWords(rest, escape: escape))
        case .env, .label: return .pairs(try assignments(escape))
        case .cmd, .entrypoint, .shell: return try jsonForm(rest) ?? .text(line.word(rest))
        case .volume: return try jsonForm(rest) ?? .words(line.blankWords(rest))
        case .run, .add, .copy:
            if let json = try jsonForm(rest) { return json }
            openings = try HeredocOpening.all(in: line)
            if keyword == .run { return .text(line.word(rest)) }
            return .words(line.blankWords(rest, keeping: openings.map(\.range)))
        case .healthcheck:
            let end = rest.first { line.bytes.whiteSpace(at: $0) > 0 } ?? rest.upperBound
            let command = line.bytes.trimming(end..<rest.upperBound)
            let arguments = command.isEmpty ? Arguments.none : .text(line.word(command))
            return .kind(line.word(rest.lowerBound..<end), try jsonForm(command) ?? arguments)
        case .onbuild:
            guard !isTrigger else { throw SyntaxError(position, Trigger.refusal(.onbuild)) }
            let statement = try Statement(line, rest, escape: escape, isTrigger: true)
            openings = statement.openings
            return .statement(statement)
        }
    }

    private func jsonForm(_ range: Range<Int>) throws(SyntaxError) -> Arguments? {
        switch JSONForm(line, range) {
        case .none: return nil
        case .strings(let words):
            // What the file itself cannot hold, an escape can; nothing takes it to the end of the text.
            if let word = words.first(where: { $0.text.utf8.contains(0) }) {
                throw word.error("a NUL byte, which no program and no path can have")
            }
            return .json(words)
        case .otherValues(let place): throw line.error(place, "the JSON form holds strings only")
        }
    }

    /// `name=value …`, or the old form `name value`.
    private func assignments(_ escape: UInt8) throws(SyntaxError) -> [Assignment] {
        let words = line.quotedWords(rest, escape: escape)
        guard let first = words.first else { return [] }
        guard first.assignment == nil else {
            return try words.map { word throws(SyntaxError) in
                guard let (name, value) = word.assignment else {
                    throw word.error("\(word.text.quoted) has no =: \(keyword.rawValue) takes name=value")
                }
                return Assignment(name: name, value: value)
            }
        }
        guard let end = rest.first(where: { Characters.isBlank(line.bytes[$0]) }) else {
            throw first.error(
                "\(keyword.rawValue) must have two arguments: \(first.text.quoted) has no value")
        }
        let value = (rest.first { $0 > end && !Characters.isBlank(line.bytes[$0]) } ?? end)..<rest.upperBound
        return [Assignment(name: line.word(rest.lowerBound..<end), value: line.word(value), isOldForm: true)]
    }
}

/// A name and its value, of ENV and LABEL.
public struct Assignment: Hashable, Sendable {
    /// The name.
    public let name: Word
    /// The value.
    public let value: Word
    /// Whether it was written `name value`, which takes one name only.
    public let isOldForm: Bool

    init(name: Word, value: Word, isOldForm: Bool = false) {
        (self.name, self.value, self.isOldForm) = (name, value, isOldForm)
    }
}

/// Takes the words `--name=value` from the beginning of an instruction's arguments.
private struct FlagSplitter {
    private let line: LogicalLine
    private let end: Int
    /// Where the arguments begin, once the flags are taken.
    private(set) var index: Int

    init(_ line: LogicalLine, _ range: Range<Int>) {
        (self.line, index, end) = (line, range.lowerBound, range.upperBound)
    }

    /// The flags, without their quotes and the `\` of their escapes; `--` alone ends them.
    mutating func flags() -> [Word] {
        var flags: [Word] = []
        while true {
            while index < end, case let space = line.bytes.whiteSpace(at: index), space > 0 { index += space }
            guard index + 1 < end, line.bytes[index] == Characters.dash,
                line.bytes[index + 1] == Characters.dash
            else { return flags }
            let start = index
            let text = flag()
            if text == [Characters.dash, Characters.dash] { return flags }
            flags.append(line.word(start..<index, text))
        }
    }

    private mutating func flag() -> [UInt8] {
        var (text, quote) = ([UInt8](), UInt8?.none)
        while index < end, quote != nil || line.bytes.whiteSpace(at: index) == 0 {
            let byte = line.bytes[index]
            index += 1
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == Characters.single || byte == Characters.double {
                quote = byte
            } else if byte == Characters.backslash {
                // In both kinds of quotes, whatever the directive `escape` says.
                if index < end { text.append(line.bytes[index]) }
                index = min(index + 1, end)
            } else {
                text.append(byte)
            }
        }
        return text
    }
}

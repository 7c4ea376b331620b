/// One instruction of a Dockerfile, before or after its variables became their values.
///
/// Source: Dockerfile reference.
public struct Instruction: Hashable, Sendable {
    /// What it says.
    public enum Content: Hashable, Sendable {
        case add(Add)
        case arg([Argument])
        case cmd(CommandLine)
        case copy(Copy)
        case entrypoint(CommandLine)
        case env([Assignment])
        /// Ports; ``Port`` reads one, once it is expanded.
        case expose([Word])
        case from(From)
        case healthcheck(Healthcheck)
        case label([Assignment])
        case maintainer(Word)
        /// The text of another instruction; ``Instruction/init(trigger:escape:)`` reads it.
        case onbuild(Trigger)
        case run(Run)
        /// The program and its arguments that the shell form is given to.
        case shell([Word])
        case stopSignal(Word)
        case user(Word)
        case volume([Word])
        case workdir(Word)
    }

    /// Its first word.
    public let keyword: Keyword
    /// What it says.
    public let content: Content
    /// The lines it stands in, from 1, with its here-documents.
    public let lines: ClosedRange<Int>
    /// Where it begins.
    public let position: Position
    /// The text as it stands, its lines joined, without here-documents and white space at its ends.
    public let text: String
    /// What escapes in its words.
    public let escape: Directives.Escape
    /// Its lines as they stand, without here-documents, for messages.
    let source: [String]

    func with(_ content: Content) -> Instruction {
        Instruction(
            keyword: keyword, content: content, lines: lines, position: position, text: text, escape: escape,
            source: source)
    }

    /// The error with the line it is in.
    func locating(_ error: SyntaxError) -> SyntaxError {
        let index = error.position.line - lines.lowerBound
        return source.indices.contains(index) ? error.showing(source[index]) : error
    }
}

/// The text of an instruction that waits in an image until another is built from it.
public struct Trigger: Hashable, Sendable {
    /// The instruction with its here-documents, as an image's configuration has it.
    public let text: String
    /// Its first word.
    public let keyword: Keyword
}

/// A variable of ARG.
public struct Argument: Hashable, Sendable {
    /// Its name.
    public let name: Word
    /// The value it has where the build gives none; `nil` for none, which is not the empty value.
    public let value: Word?
}

/// What is run, of RUN, CMD, ENTRYPOINT and HEALTHCHECK.
public enum CommandLine: Hashable, Sendable {
    /// A line for the shell.
    case shell(Word)
    /// A program and its arguments, from the JSON form; none where CMD and ENTRYPOINT take away the base's.
    case exec([Word])
}

/// The beginning of a stage.
public struct From: Hashable, Sendable {
    /// The image, an earlier stage, or `scratch`.
    public let base: Word
    /// The stage's name in small letters.
    public let name: Word?
    /// `--platform`.
    public let platform: Word?
}

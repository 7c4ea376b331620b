/// RUN.
public struct Run: Hashable, Sendable {
    /// `--network`.
    public enum Network: String, Sendable, CaseIterable {
        case `default`, none, host
    }

    /// `--security`.
    public enum Security: String, Sendable, CaseIterable {
        case sandbox, insecure
    }

    /// What is run; ``invocation`` says it with the here-documents.
    public let command: CommandLine
    /// The here-documents, in order.
    public let heredocs: [Heredoc]
    /// `--mount`, in order; ``MountFlag/mount()`` reads one, once it is expanded.
    public let mounts: [MountFlag]
    /// `--network`.
    public let network: Network
    /// `--security`.
    public let security: Security

    /// What a RUN instruction starts.
    public enum Invocation: Hashable, Sendable {
        /// A text for the shell.
        case shell(String)
        /// A file that begins with `#!`, to be made executable and started.
        case script(String)
        /// A program and its arguments.
        case exec([String])
    }

    /// What is started: a single here-document is the text itself, others follow the line that opens them.
    ///
    /// Source: Dockerfile reference, "Here-Documents".
    public var invocation: Invocation {
        let line: String
        switch command {
        case .exec(let words): return .exec(words.map(\.text))
        case .shell(let word): line = word.text
        }
        guard let first = heredocs.first else { return .shell(line) }
        if isOnlyHeredoc {
            return first.text.utf8.starts(with: "#!".utf8) ? .script(first.text) : .shell(first.text)
        }
        return .shell(heredocs.reduce(line) { $0 + "\n" + $1.content + $1.name })
    }

    /// Whether the line is one word that opens a here-document, and nothing more.
    let isOnlyHeredoc: Bool
}

extension Run {
    init(_ statement: Statement) throws(SyntaxError) {
        let flags = try Flags(
            statement, ["mount": .values, "network": .value, "security": .value])
        mounts = try flags.values("mount").map { flag throws(SyntaxError) in try MountFlag(flag) }
        network = try Self.choice(flags.value("network"), of: "--network") ?? .default
        security = try Self.choice(flags.value("security"), of: "--security") ?? .sandbox
        command = try CommandLine(statement)
        if case .exec(let words) = command, words.isEmpty {
            throw SyntaxError(statement.position, "RUN requires at least one argument")
        }
        heredocs = statement.heredocs
        isOnlyHeredoc = statement.openings.count == 1 && statement.openings.first?.range == statement.rest
    }

    /// One of the cases of an enumeration.
    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ word: Word?, of flag: String
    ) throws(SyntaxError) -> Choice? where Choice.RawValue == String {
        guard let word else { return nil }
        if let choice = Choice(rawValue: word.text) { return choice }
        let choices = Choice.allCases.map(\.rawValue)
        throw word.error(
            "\(flag) is one of \(choices.joined(separator: ", ")), not \(word.text.quoted)",
            suggestion: suggestion(for: word.text, among: choices))
    }
}

extension CommandLine {
    init(_ statement: Statement) throws(SyntaxError) {
        switch statement.arguments {
        case .json(let words): self = .exec(words)
        case .text(let word): self = .shell(word)
        default:
            throw SyntaxError(
                statement.position, "\(statement.keyword.rawValue) requires at least one argument")
        }
    }
}

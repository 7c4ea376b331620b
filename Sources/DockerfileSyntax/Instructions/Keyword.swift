/// The first word of an instruction.
///
/// Source: Dockerfile reference.
public enum Keyword: String, Sendable, CaseIterable {
    case add = "ADD"
    case arg = "ARG"
    case cmd = "CMD"
    case copy = "COPY"
    case entrypoint = "ENTRYPOINT"
    case env = "ENV"
    case expose = "EXPOSE"
    case from = "FROM"
    case healthcheck = "HEALTHCHECK"
    case label = "LABEL"
    case maintainer = "MAINTAINER"
    case onbuild = "ONBUILD"
    case run = "RUN"
    case shell = "SHELL"
    case stopSignal = "STOPSIGNAL"
    case user = "USER"
    case volume = "VOLUME"
    case workdir = "WORKDIR"

    /// Reads a keyword, in large or small letters.
    init(_ word: Word) throws(SyntaxError) {
        guard let keyword = Keyword(rawValue: word.text.uppercased()),
            word.text.utf8.allSatisfy({ $0 < 0x80 })
        else {
            throw word.error(
                "unknown instruction \(word.text.quoted)",
                suggestion: suggestion(for: word.text, among: Self.allCases.map(\.rawValue)))
        }
        self = keyword
    }
}

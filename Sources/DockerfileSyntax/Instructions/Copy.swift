/// The files and the destination of COPY and ADD.
public struct Transfer: Hashable, Sendable {
    /// What is copied.
    public enum Source: Hashable, Sendable {
        /// A path, which may have wildcards; for ADD also a URL.
        case path(Word)
        /// A file that stands in the Dockerfile, by its name.
        case heredoc(Heredoc)
    }

    /// What is copied, at least one, in order.
    public let sources: [Source]
    /// Where to; a directory where it ends with `/`.
    public let destination: Word
    /// `--chown`: user or user:group, names or numbers.
    public let owner: Word?
    /// `--chmod`; ``FileMode`` reads it, once it is expanded.
    public let mode: Word?
    /// `--link`: independent of what was there before.
    public let isLinked: Bool
    /// `--exclude`: patterns of what is left out.
    public let excluded: [Word]
}

/// COPY.
public struct Copy: Hashable, Sendable {
    /// What goes where.
    public let transfer: Transfer
    /// `--from`: a stage's name or number, or an image; never expanded.
    public let origin: Word?
    /// `--parents`: the directories of the sources come along.
    public let keepsParents: Bool
}

/// ADD.
public struct Add: Hashable, Sendable {
    /// What goes where.
    public let transfer: Transfer
    /// `--checksum`: the digest, or the commit, of the one remote source.
    public let checksum: Word?
    /// `--keep-git-dir`.
    public let keepsGitDirectory: Bool
    /// `--unpack`: whether archives are unpacked; `nil` for local ones only.
    public let unpacks: Bool?
}

extension Transfer {
    init(_ statement: Statement, _ flags: Flags) throws(SyntaxError) {
        let words: [Word]
        let isJSON: Bool
        switch statement.arguments {
        case .words(let list): (words, isJSON) = (list, false)
        case .json(let list): (words, isJSON) = (list, true)
        default: (words, isJSON) = ([], false)
        }
        let keyword = statement.keyword.rawValue
        guard words.count >= 2, let last = words.last else {
            throw SyntaxError(
                statement.position, "\(keyword) requires at least two arguments: sources and a destination")
        }
        var heredocs = statement.heredocs[...]
        let places = isJSON ? [] : statement.openings.map { statement.line.position(of: $0.range.lowerBound) }
        guard !places.contains(last.position) else {
            throw last.error("\(keyword) cannot have a here-document as its destination")
        }
        sources = try words.dropLast().map { word throws(SyntaxError) in
            guard places.contains(word.position), let heredoc = heredocs.popFirst() else {
                return .path(word)
            }
            // The name becomes a file's name, and must not lead elsewhere.
            guard !heredoc.name.utf8.contains(Characters.slash), ![".", ".."].contains(heredoc.name) else {
                throw word.error(
                    "a here-document is named as its file: \(heredoc.name.quoted) is no name of a file")
            }
            return .heredoc(heredoc)
        }
        guard heredocs.isEmpty || isJSON else {
            throw SyntaxError(statement.position, "\(keyword) has a here-document that is no word of its own")
        }
        destination = last
        (owner, mode) = (flags.value("chown"), flags.value("chmod"))
        (isLinked, excluded) = (flags.isSet("link"), flags.values("exclude"))
    }
}

extension Copy {
    init(_ statement: Statement) throws(SyntaxError) {
        let flags = try Flags(
            statement,
            [
                "chown": .value, "chmod": .value, "link": .switching, "exclude": .values, "from": .value,
                "parents": .switching,
            ])
        transfer = try Transfer(statement, flags)
        origin = flags.value("from")
        keepsParents = flags.isSet("parents")
        if let origin, origin.text.utf8.contains(Characters.dollar) {
            throw origin.error("--from has no variables; name a stage FROM the variable, and copy from it")
        }
    }
}

extension Add {
    init(_ statement: Statement) throws(SyntaxError) {
        let flags = try Flags(
            statement,
            [
                "chown": .value, "chmod": .value, "link": .switching, "exclude": .values, "checksum": .value,
                "keep-git-dir": .switching, "unpack": .switching,
            ])
        transfer = try Transfer(statement, flags)
        checksum = flags.value("checksum")
        keepsGitDirectory = flags.isSet("keep-git-dir")
        unpacks = flags.values("unpack").first.map { $0.text == "true" }
    }
}

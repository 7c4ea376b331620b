/// A pattern for names of files, compiled once: `*` and `?` stop at `/`, `**` does not, `[a-z]` is one of a set.
///
/// Names are bytes. Characters of UTF-8 count as one; a byte that is no part of one stands for itself. Matching takes
/// time linear in the name, whatever the pattern.
///
/// Source: Go's `path/filepath.Match`; moby's patternmatcher for `**`.
public struct Glob: Sendable {
    /// The pattern, as it was given.
    public let pattern: [UInt8]
    /// The bytes that every match begins with.
    private let prefix: [UInt8]
    /// The bytes that every match ends with, behind the beginning: mostly they are missing, and spare the machine.
    private let suffix: [UInt8]
    /// The byte that a match's last component begins with, of a pattern that asks for nothing else.
    let initial: UInt8?
    /// What comes after the beginning; `nil` where the pattern is only a name.
    private let machine: GlobMachine?

    /// Compiles a pattern.
    ///
    /// - Throws: ``PatternError`` where a bracket or `\` is left open.
    public init(_ pattern: [UInt8]) throws(PatternError) {
        self.pattern = pattern
        var parser = GlobParser(pattern)
        let slots = try parser.slots()
        prefix = Array(pattern[..<parser.literalCount])
        suffix = GlobSlot.suffix(of: slots)
        initial = parser.literalCount == 0 ? GlobSlot.initial(of: slots) : nil
        machine = parser.literalCount == pattern.count ? nil : GlobMachine(slots)
    }

    /// The bytes that every match begins and ends with, where there is one.
    var ends: (first: UInt8?, last: UInt8?) { (prefix.first, machine == nil ? prefix.last : suffix.last) }

    /// Whether the pattern holds anything but a name.
    public var hasWildcards: Bool { machine != nil }

    /// The path up to the last `/` before anything that is not a name: below it all matches lie.
    public var directory: [UInt8] {
        guard machine != nil else { return pattern }
        return Array(prefix[..<(prefix.lastIndex(of: Characters.slash) ?? 0)])
    }

    /// Whether the whole path matches.
    public func matches(_ path: [UInt8]) -> Bool { matches(path, orParent: false) }

    /// Whether the path matches or a directory it lies in.
    public func matchesOrParentMatches(_ path: [UInt8]) -> Bool { matches(path, orParent: true) }

    private func matches(_ path: [UInt8], orParent: Bool) -> Bool {
        guard path.starts(with: prefix) else { return false }
        let rest = path[prefix.count...]
        if let machine {
            guard orParent || rest.ends(with: suffix) else { return false }
            return machine.matches(rest, orParent: orParent)
        }
        return rest.isEmpty || orParent && rest.first == Characters.slash
    }

    /// Whether something in a directory, however deep, may match.
    ///
    /// The answer may be yes where nothing can.
    public func mayMatch(below directory: [UInt8]) -> Bool {
        let path = directory.isEmpty ? [] : directory + [Characters.slash]
        guard path.count > prefix.count else {
            return prefix.starts(with: path) && (machine != nil || prefix.count > path.count)
        }
        return path.starts(with: prefix) && machine?.mayContinue(path[prefix.count...]) ?? false
    }
}

/// A pattern that does not close what it opens.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The pattern, repaired where it is no UTF-8.
    public let pattern: String
    /// What is wrong, in one sentence without a full stop.
    public let reason: String

    init(_ pattern: [UInt8], _ reason: String) {
        (self.pattern, self.reason) = (String(decoding: pattern, as: UTF8.self), reason)
    }

    /// One line, as the user reads it.
    public var description: String { "the pattern \(pattern.quoted): \(reason)" }
}

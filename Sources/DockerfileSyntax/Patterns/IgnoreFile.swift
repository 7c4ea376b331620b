/// The patterns of a `.dockerignore` file, compiled: which paths of a build context are left out.
///
/// Of the patterns that match a path, or a directory it lies in, the last decides; `!` before a pattern takes in again.
///
/// Source: Dockerfile reference, ".dockerignore file"; moby's patternmatcher for what that leaves open.
public struct IgnoreFile: Sendable {
    struct Pattern: Sendable {
        let glob: Glob
        let isException: Bool
    }

    private(set) var patterns: [Pattern] = []

    /// The bytes of a file that are read at most.
    public static let limit = 4 << 20
    /// The patterns that are read at most.
    public static let patternLimit = 10_000

    /// Leaves nothing out.
    public init() {}

    /// Reads the file: a pattern a line, `#` in the first column begins a comment.
    ///
    /// Lines need not be UTF-8, for names are bytes.
    ///
    /// - Throws: ``SyntaxError`` for a pattern that is malformed, and for a file beyond the limits.
    public init(parsing bytes: [UInt8]) throws(SyntaxError) {
        guard bytes.count <= Self.limit else {
            throw SyntaxError(
                Position(line: 1, column: 1),
                "the file has \(bytes.count) bytes, at most \(Self.limit) are read")
        }
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            throw SyntaxError(Position(line: 1, column: 1), "the file is UTF-16; save it as UTF-8")
        }
        let text = bytes.starts(with: Characters.byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
        let lines = text.split(separator: Characters.newline, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            guard let (pattern, isException) = Self.pattern(in: Array(line)) else { continue }
            let position = Position(line: index + 1, column: 1)
            do {
                try add(pattern, isException: isException)
            } catch {
                throw SyntaxError(position, error.reason, line: String(decoding: line, as: UTF8.self))
            }
        }
    }

    /// Compiles patterns, such as those of `--exclude`; each is as a line of the file, but for comments.
    public init(patterns: [[UInt8]]) throws(PatternError) {
        for pattern in patterns {
            let line = pattern.first == Characters.hash ? [Characters.backslash] + pattern : pattern
            guard let (pattern, isException) = Self.pattern(in: line) else { continue }
            try add(pattern, isException: isException)
        }
    }

    private mutating func add(_ pattern: [UInt8], isException: Bool) throws(PatternError) {
        guard !pattern.isEmpty else { throw PatternError([0x21], "a ! without a pattern") }
        guard pattern.count <= 4_096, patterns.count < Self.patternLimit else {
            throw PatternError(
                pattern, "more than \(Self.patternLimit) patterns, or one of more than 4096 bytes")
        }
        patterns.append(Pattern(glob: try Glob(pattern), isException: isException))
    }

    /// The pattern of a line; `nil` for a comment or an empty line.
    private static func pattern(in line: [UInt8]) -> (pattern: [UInt8], isException: Bool)? {
        guard line.first != Characters.hash else { return nil }
        var text = line[line.trimming(0..<line.count)]
        let isException = text.first == UInt8(ascii: "!")
        if isException {
            text = text.dropFirst()
            text = text[text.trimming(text.startIndex..<text.endIndex)]
        }
        guard !text.isEmpty else { return isException ? ([], true) : nil }
        return (cleaned(text), isException)
    }

    /// A path without empty and `.` components, `..` and what it takes back, and the `/` at either end.
    private static func cleaned(_ path: ArraySlice<UInt8>) -> [UInt8] {
        let isAbsolute = path.first == Characters.slash
        var kept: [ArraySlice<UInt8>] = []
        for component in path.split(separator: Characters.slash) where !component.elementsEqual(".".utf8) {
            let isParent = component.elementsEqual("..".utf8)
            if isParent, let last = kept.last, !last.elementsEqual("..".utf8) {
                kept.removeLast()
            } else if !isParent || !isAbsolute {
                kept.append(component)
            }
        }
        return kept.isEmpty
            ? [isAbsolute ? Characters.slash : UInt8(ascii: ".")]
            : Array(kept.joined(separator: [Characters.slash]))
    }

    /// Whether no path is left out.
    public var isEmpty: Bool { patterns.isEmpty }

    /// Whether a path is left out.
    ///
    /// The path begins at the context's root, without `/` before it and without `.` and `..` in it.
    public func isExcluded(_ path: [UInt8]) -> Bool {
        deciding(path).map { !patterns[$0].isException } ?? false
    }

    /// Whether a directory and everything in it are left out, so that nobody need look.
    public func isWhollyExcluded(_ directory: [UInt8]) -> Bool {
        guard let last = deciding(directory), !patterns[last].isException else { return false }
        // What stands before the deciding pattern cannot take anything in again, for it matches all that lies below.
        return !patterns[(last + 1)...].contains {
            $0.isException && $0.glob.mayMatch(below: Self.trimmed(directory))
        }
    }

    func deciding(_ path: [UInt8]) -> Int? {
        let path = Self.trimmed(path)
        guard !path.isEmpty, path != [UInt8(ascii: ".")] else { return nil }
        return patterns.lastIndex { $0.glob.matchesOrParentMatches(path) }
    }

    static func trimmed(_ path: [UInt8]) -> [UInt8] {
        path.count > 1 && path.last == Characters.slash ? Array(path.dropLast()) : path
    }
}

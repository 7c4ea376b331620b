import Linux

/// Which entries of a tree stay out of its layer.
///
/// A pattern with a `/` in front or within is a path from the root, with or
/// without `./`; one without is a name at any depth. What is below an excluded directory is excluded too.
public struct Exclusion: Sendable {
    private var paths: [Pattern] = []
    private var names: [Pattern] = []

    /// - Throws: ``LayerError/pattern(_:_:)``.
    public init(_ patterns: [String] = []) throws(LayerError) {
        try self.init(patterns.map { Array($0.utf8) })
    }

    /// Patterns as bytes, for names that are no UTF-8.
    ///
    /// - Throws: ``LayerError/pattern(_:_:)``.
    public init(_ patterns: [[UInt8]]) throws(LayerError) {
        let slash = UInt8(ascii: "/")
        for text in patterns {
            var trimmed = text[...]
            while trimmed.last == slash { trimmed = trimmed.dropLast() }
            var isPath = trimmed.contains(slash)
            while trimmed.starts(with: "./".utf8) {
                trimmed = trimmed.dropFirst(2)
                isPath = true
            }
            if trimmed.first == slash { trimmed = trimmed.dropFirst() }
            guard !trimmed.isEmpty, !trimmed.elementsEqual(".".utf8) else {
                throw .pattern(escaped(text), "it names nothing")
            }
            if isPath {
                paths.append(try Pattern(trimmed))
            } else {
                names.append(try Pattern(trimmed))
            }
        }
    }

    func excludes(path: [UInt8], name: ArraySlice<UInt8>) -> Bool {
        names.contains { $0.matches(name) } || paths.contains { $0.matches(path[...]) }
    }
}

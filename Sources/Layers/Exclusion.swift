/// Which entries of a tree stay out of its layer.
///
/// A pattern with a `/` in front or within is a path from the root; one without
/// is a name at any depth. What is below an excluded directory is excluded too.
public struct Exclusion: Sendable {
    private var paths: [Pattern] = []
    private var names: [Pattern] = []

    /// - Throws: ``LayerError/pattern(_:_:)``.
    public init(_ patterns: [String] = []) throws(LayerError) {
        for text in patterns {
            let trimmed = text.utf8.last == UInt8(ascii: "/") ? text.dropLast() : text[...]
            guard !trimmed.isEmpty else { throw .pattern(text, "it names nothing") }
            if trimmed.utf8.contains(UInt8(ascii: "/")) {
                paths.append(try Pattern(trimmed.first == "/" ? trimmed.dropFirst() : trimmed))
            } else {
                names.append(try Pattern(trimmed))
            }
        }
    }

    func excludes(path: [UInt8], name: ArraySlice<UInt8>) -> Bool {
        names.contains { $0.matches(name) } || paths.contains { $0.matches(path[...]) }
    }
}

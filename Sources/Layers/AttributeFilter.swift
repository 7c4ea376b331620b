/// Which extended attributes a layer keeps.
///
/// A list of what is kept, not of what is dropped: the bytes of a layer must not
/// depend on the file system or the security module that the tree lay on.
public struct AttributeFilter: Sendable {
    /// The names that are kept beside the usual ones, as they were given.
    let patterns: [String]
    private let wanted: [Pattern]

    /// - Parameter patterns: Names to keep beside the usual ones, with `*` and `?`.
    /// - Throws: ``LayerError/pattern(_:_:)``.
    public init(alsoKeeping patterns: [String] = []) throws(LayerError) {
        var wanted: [Pattern] = []
        for text in patterns { wanted.append(try Pattern(text)) }
        self.wanted = wanted
        self.patterns = patterns
    }

    /// Whether more than the usual attributes are kept.
    var isWidened: Bool { !wanted.isEmpty }

    func keeps(_ name: [UInt8]) -> Bool {
        if name == OwnerMark.name || name == DeviceMark.name { return false }
        if wanted.contains(where: { $0.matches(name[...]) }) { return true }
        // Overlayfs without privilege keeps its own state there; it means nothing in an image.
        if name.starts(with: "user.overlay.".utf8) { return false }
        return name.starts(with: "user.".utf8) || Self.usual.contains { name.elementsEqual($0.utf8) }
    }

    private static let usual = [
        "security.capability", "system.posix_acl_access", "system.posix_acl_default",
    ]
}

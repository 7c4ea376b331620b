public import Tar

/// An entry of a layer, and the hash of what a file holds.
public struct ListedEntry: Sendable {
    /// The entry.
    public let entry: TarEntry
    /// The SHA-256 value of a file's content.
    public let content: ContentHash?
    /// Whether link target and attributes are those of the layer; else they did not fit into the memory for them.
    public let hasDetails: Bool

    init(_ entry: TarEntry, _ content: ContentHash, hasDetails: Bool = true) {
        self.entry = entry
        self.hasDetails = hasDetails
        if case .regular = entry.kind { self.content = content } else { self.content = nil }
    }
}

import Linux

/// A file that is copied, wherever it comes from.
struct SourceEntry {
    /// What it is there.
    let original: FileListing.Entry
    /// In seconds since 1970.
    let modified: Int64
    let content: PlannedEntry.Content
    var extended: [ExtendedAttribute] = []
    /// What it is a name of, where that may have more than one.
    let file: PlannedEntry.Family.File?

    var isDirectory: Bool { original.kind == .directory }

    /// What the file becomes.
    ///
    /// - Parameters:
    ///   - rules: Say so.
    ///   - copy: The number of the copy, for names of one file.
    /// - Returns: The entry, as the rules want it.
    func planned(_ rules: CopyRules, copy: Int) -> PlannedEntry {
        let owner = rules.owner(original)
        // As packing a tree has it: what lstat(2) says of a link.
        let permissions =
            original.kind == .symbolicLink
            ? original.permissions : rules.permissions(original) & 0o7777
        var entry = PlannedEntry(
            content: content,
            attributes: CopyRules.Attributes(
                user: owner.user, group: owner.group, permissions: permissions, modified: modified))
        entry.extended = extended
        if let file {
            entry.family = PlannedEntry.Family(
                copy: copy, file: file, user: owner.user, group: owner.group, permissions: permissions)
        }
        return entry
    }
}

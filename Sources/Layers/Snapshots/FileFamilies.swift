import Linux

/// Names of one file within a tree: if one of them changed, all of them are named, so that they stay names of one file.
struct FileFamilies {
    private struct Family {
        /// Which file the names were before.
        let before: FileStatus.Identity?
        var isChanged: Bool
    }

    /// By inode; a file with one name is none.
    private var families: [UInt64: Family] = [:]

    /// Notes a name that is looked at.
    ///
    /// - Parameters:
    ///   - record: What the name is now.
    ///   - before: Which file had the name before; `nil` for a new name.
    mutating func note(_ record: EntryTable.Record, before: FileStatus.Identity?) {
        guard record.hasSeveralNames else { return }
        // Names of two files, or a new one: somebody linked them.
        let known = families[record.inode]
        let isChanged = before == nil || known.map { $0.isChanged || $0.before != before } ?? false
        families[record.inode] = Family(before: known?.before ?? before, isChanged: isChanged)
    }

    mutating func change(_ record: EntryTable.Record) { families[record.inode]?.isChanged = true }

    func isChanged(_ record: EntryTable.Record) -> Bool {
        record.hasSeveralNames && families[record.inode]?.isChanged ?? false
    }
}

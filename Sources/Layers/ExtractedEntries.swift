import Tar

/// What was said of the entries of a tree while it was extracted, without their names.
///
/// A name is remembered as a hash of 64 bits under a key of this process: 24
/// bytes an entry, and nobody who makes layers can make two names collide.
struct ExtractedEntries {
    /// What a layer says of an entry and a plain user's file system cannot hold.
    struct Record {
        let user: UInt32
        let group: UInt32
        let permissions: UInt16
        /// The layer that it is from, 1 being the lowest.
        let layer: UInt16
    }

    private var records: [Int: Record] = [:]

    /// Remembers an entry, in place of what was known under its path.
    mutating func insert(_ path: MemberPath, _ entry: TarEntry, layer: Int) {
        records[path.hashValue] = Record(
            user: entry.user, group: entry.group,
            permissions: UInt16(truncatingIfNeeded: entry.permissions & 0o7777),
            layer: UInt16(clamping: layer))
    }

    /// Gives a hard link what its target has.
    mutating func link(_ path: MemberPath, to target: MemberPath, layer: Int) {
        // Of root's first layer nothing is remembered, and only the layer counts.
        let record = records[target.hashValue]
        records[path.hashValue] = Record(
            user: record?.user ?? 0, group: record?.group ?? 0, permissions: record?.permissions ?? 0o644,
            layer: UInt16(clamping: layer))
    }

    /// Whether an entry is from this layer.
    func contains(_ path: MemberPath, of layer: Int) -> Bool {
        records[path.hashValue].map { $0.layer == UInt16(clamping: layer) } ?? false
    }

    subscript(_ path: MemberPath) -> Record? { records[path.hashValue] }
}

import Linux

extension TreeChanges {
    /// What changed between two snapshots of one tree.
    ///
    /// Where all that a file shows is as it was, and only tells that something was done to it, content and extended
    /// attributes decide.
    ///
    /// - Parameters:
    ///   - before: The tree before a program ran.
    ///   - now: The tree as it is.
    ///   - filter: Which extended attributes are kept.
    ///   - leftOut: Paths below the root, without a slash in front, of which and below which nothing counts.
    ///   - earlier: Tells what files held before, in the order of their paths below the root, as
    ///     ``ImageFiles/earlierFiles(at:_:progress:)`` does; a file of which it tells nothing counts as changed. It may be
    ///     asked more than once.
    /// - Throws: ``LayerError``, `FileError`, `Interruption`, and what `earlier` throws.
    public init(
        from before: TreeSnapshot, to now: TreeSnapshot, _ filter: AttributeFilter,
        leavingOut leftOut: [[UInt8]] = [],
        earlier: (_ paths: [[UInt8]]) throws -> [EarlierFile?] = { $0.map { _ in nil } }
    ) throws {
        var comparison = SnapshotComparison(
            before, now, TreeChanges(in: now, filter, leavingOut: leftOut))
        do {
            try comparison.compare()
            try comparison.decide(earlier)
        } catch let error as FileError {
            throw LayerPlan.meaning(of: error)
        }
        self = comparison.changes
    }
}

/// Compares two snapshots, entry beside entry.
struct SnapshotComparison {
    private let before: TreeSnapshot
    private let now: TreeSnapshot
    private(set) var changes: TreeChanges
    private var families = FileFamilies()
    /// Entries that show nothing, and were touched.
    private var doubts: [(entry: Int, folder: Int)] = []
    private var reader: ContentReader

    /// Gets ready; `changes` has none yet.
    init(_ before: TreeSnapshot, _ now: TreeSnapshot, _ changes: TreeChanges) {
        (self.before, self.now, self.changes) = (before, now, changes)
        reader = ContentReader(now)
    }

    /// Finds what shows a change, and what is to be decided.
    mutating func compare() throws {
        compareRoots()
        var waiting: [(before: Int?, now: Int)] = [(0, 0)]
        while let (earlier, folder) = waiting.popLast() {
            try Interruption.check()
            let newer = now.folders[folder]
            let older = earlier.map { before.folders[$0] } ?? TreeSnapshot.Folder()
            var (old, new) = (older.entries.lowerBound, newer.entries.lowerBound)
            while old < older.entries.upperBound || new < newer.entries.upperBound {
                let order = self.order(old, older, new, newer)
                if order < 0 {
                    remove(old, older, from: folder)
                } else {
                    try compare(order == 0 ? old : nil, older, new, folder, &waiting)
                }
                if order <= 0 { old += 1 }
                if order >= 0 { new += 1 }
            }
        }
    }

    private func order(_ old: Int, _ older: TreeSnapshot.Folder, _ new: Int, _ newer: TreeSnapshot.Folder)
        -> Int
    {
        guard old < older.entries.upperBound else { return 1 }
        guard new < newer.entries.upperBound else { return -1 }
        return EntryTable.compare(before.tables[Int(older.table)], old, now.tables[Int(newer.table)], new)
    }

    private mutating func compareRoots() {
        let (one, two) = (before.root, now.root)
        changes.rootModified = one.status.modified
        changes.namesRoot =
            one.status.permissions != two.status.permissions || one.status.user != two.status.user
            || one.status.group != two.status.group
            || one.attributes.filter { changes.keeps($0.name) }
                != two.attributes.filter { changes.keeps($0.name) }
    }

    private mutating func remove(_ old: Int, _ older: TreeSnapshot.Folder, from folder: Int) {
        let record = before.record(old, in: older)
        guard !record.isLeftOut, record.kind != .socket else { return }
        changes.remove(before.name(of: old, in: older), in: folder)
    }

    private mutating func compare(
        _ old: Int?, _ older: TreeSnapshot.Folder, _ new: Int, _ folder: Int,
        _ waiting: inout [(before: Int?, now: Int)]
    ) throws {
        let record = now.record(new, in: now.folders[folder])
        var earlier = old.map { before.record($0, in: older) }
        guard !record.isLeftOut, earlier?.isLeftOut != true else { return }
        guard record.kind != .socket else {
            if let old, earlier?.kind != .socket { remove(old, older, from: folder) }
            if earlier?.inode != record.inode { changes.leaveOutSocket(new, in: folder) }
            return
        }
        if earlier?.kind == .socket { earlier = nil }
        if record.kind == .directory {
            let number = earlier.flatMap { $0.kind == .directory ? Int($0.extent) : nil }
            waiting.append((number, Int(record.extent)))
        }
        if let earlier, record.looks(like: earlier) {
            // Nobody can set this time back; but what changed in the tick of the snapshot may have it, too.
            let isUntouched =
                record.inode == earlier.inode && record.changed == earlier.changed
                && ContentDigests.isSettled(record.changed, at: before.taken)
            guard !isUntouched else { return }
            doubts.append((new, folder))
            families.note(record, before: FileStatus.Identity(device: 0, inode: earlier.inode))
        } else {
            try changes.name(new, in: folder)
            families.note(record, before: earlier.map { .init(device: 0, inode: $0.inode) })
            families.change(record)
        }
    }

    // MARK: Doubts

    /// How many files are asked for at a time: their paths are in memory.
    private static let most = 65_536

    /// Decides what is in doubt.
    mutating func decide(_ earlier: ([[UInt8]]) throws -> [EarlierFile?]) throws {
        var rest = doubts[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.most)
            rest = rest.dropFirst(part.count)
            let paths = part.map { now.path(of: $0.entry, in: $0.folder) }
            for (doubt, file) in zip(part, try earlier(paths)) {
                try Interruption.check()
                let record = now.record(doubt.entry, in: now.folders[doubt.folder])
                if families.isChanged(record) { continue }
                if let file, try isUnchanged(doubt.entry, doubt.folder, record, file) { continue }
                try changes.name(doubt.entry, in: doubt.folder)
                families.change(record)
            }
        }
        for doubt in doubts {
            let record = now.record(doubt.entry, in: now.folders[doubt.folder])
            if families.isChanged(record) { try changes.name(doubt.entry, in: doubt.folder) }
        }
        changes.finish()
    }

    private mutating func isUnchanged(
        _ entry: Int, _ folder: Int, _ record: EntryTable.Record, _ earlier: EarlierFile
    ) throws -> Bool {
        let attributes = try reader.attributes(of: entry, in: folder, where: changes.keeps, changes.filter)
        guard attributes == earlier.attributes.filter({ changes.keeps($0.name) }) else { return false }
        switch record.kind {
        // It stands for a device, which holds nothing.
        case .regular where earlier.content == nil:
            let marks = try reader.attributes(
                of: entry, in: folder, where: { $0 == DeviceMark.name }, changes.filter)
            return !marks.isEmpty
        case .regular: return try reader.hash(of: entry, in: folder) == earlier.content
        case .symbolicLink: return try reader.target(of: entry, in: folder) == earlier.target
        default: return true
        }
    }
}

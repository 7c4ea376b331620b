import Linux

extension TreeChanges {
    /// What an overlay's upper directory changes of the lower ones, whiteouts and opaque directories translated.
    ///
    /// The same as two snapshots of the merged tree tell, of what the program left. But in an overlay it leaves something
    /// else than in a plain tree where the lower directories have several names of one file: with `index=off` the one that
    /// is changed becomes a file of its own. And rename(2) of a lower directory gives EXDEV without `redirect_dir`, so that
    /// programs copy it.
    ///
    /// - Parameters:
    ///   - upper: A snapshot of the upper directory, which is not mounted or no longer written to.
    ///   - lower: The lower directories, the topmost first.
    ///   - filter: Which extended attributes are kept.
    ///   - leftOut: Paths below the root, without a slash in front, of which and below which nothing counts.
    /// - Throws: ``LayerError``, also ``LayerError/overlay(_:)``, `FileError`, `Interruption`.
    ///
    /// Source: Linux, Documentation/filesystems/overlayfs.rst.
    public init(
        in upper: TreeSnapshot, over lower: [OverlayLayer], _ filter: AttributeFilter,
        leavingOut leftOut: [[UInt8]] = []
    ) throws {
        var comparison = OverlayComparison(
            upper, lower, TreeChanges(in: upper, filter, overlay: OverlayAttributes(), leavingOut: leftOut))
        do {
            try comparison.compare()
        } catch let error as FileError {
            throw LayerPlan.meaning(of: error)
        }
        self = comparison.changes
    }
}

/// Compares an upper directory with what the lower ones show.
struct OverlayComparison {
    private let upper: TreeSnapshot
    private let lower: [OverlayLayer]
    private let own = OverlayAttributes()
    private(set) var changes: TreeChanges
    private var families = FileFamilies()
    /// Names that show no change, of files with several names.
    private var unchanged: [(entry: Int, folder: Int)] = []
    private var reader: ContentReader
    private var buffers: ([UInt8], [UInt8]) = ([], [])

    /// Gets ready; `changes` has none yet.
    init(_ upper: TreeSnapshot, _ lower: [OverlayLayer], _ changes: TreeChanges) {
        (self.upper, self.lower, self.changes) = (upper, lower, changes)
        reader = ContentReader(upper)
    }

    /// A directory of the upper one that is still to be compared.
    private struct Waiting {
        let folder: Int
        /// The lower directories that show something there, the topmost first.
        let lower: [Int]
        /// Whether the upper one hides that; below an opaque directory nothing says so again.
        let isOpaque: Bool
    }

    /// Finds all changes.
    mutating func compare() throws {
        if let top = lower.first { try compareRoot(top.root) }
        var waiting = [Waiting(folder: 0, lower: Array(lower.indices), isOpaque: false)]
        while let next = waiting.popLast() {
            try Interruption.check()
            let path = upper.path(of: next.folder)
            let view = try OverlayView(path, of: lower, next.lower, own)
            for entry in upper.folders[next.folder].entries {
                try Interruption.check()
                try compare(entry, next, view, &waiting)
            }
            if next.isOpaque { try removeHidden(in: next.folder, path, view) }
        }
        for name in unchanged
        where families.isChanged(upper.record(name.entry, in: upper.folders[name.folder])) {
            try changes.name(name.entry, in: name.folder)
        }
        changes.finish()
    }

    private mutating func compareRoot(_ top: borrowing Directory) throws {
        let status = try top.status()
        let attributes = try top.openDirectory(".").extendedAttributes(where: changes.keeps)
        let root = upper.root
        changes.rootModified = status.modified
        changes.namesRoot =
            root.status.permissions != status.permissions || root.status.user != status.user
            || root.status.group != status.group
            || root.attributes.filter { changes.keeps($0.name) } != attributes
    }

    /// Removes what an opaque directory hides and does not have itself.
    private mutating func removeHidden(in folder: Int, _ path: [UInt8], _ view: OverlayView) throws {
        for name in try view.names() where upper.entry(named: name[...], in: upper.folders[folder]) == nil {
            let path = path.isEmpty ? name : path + [47] + name
            guard !upper.leftOut.contains(path) else { continue }
            changes.remove(name[...], in: folder)
        }
    }

    private mutating func compare(
        _ entry: Int, _ home: Waiting, _ view: OverlayView, _ waiting: inout [Waiting]
    ) throws {
        let folder = home.folder
        let record = upper.record(entry, in: upper.folders[folder])
        guard !record.isLeftOut else { return }
        let name = upper.name(of: entry, in: upper.folders[folder])
        let found = try view.find(FileName(name))
        let isWhiteout = record.kind == .characterDevice && record.extent == 0
        guard !isWhiteout, record.kind != .socket else {
            if found != nil { changes.remove(name, in: folder) }
            if !isWhiteout { changes.leaveOutSocket(entry, in: folder) }
            return
        }
        if record.kind == .directory {
            try compareDirectory(entry, home, record, view, found, &waiting)
        } else {
            families.note(record, before: found?.status.identity)
            if let found, try isUnchanged(entry, folder, record, found, view) {
                if record.hasSeveralNames { unchanged.append((entry, folder)) }
            } else {
                try changes.name(entry, in: folder)
                families.change(record)
            }
        }
    }

    private mutating func compareDirectory(
        _ entry: Int, _ home: Waiting, _ record: EntryTable.Record, _ view: OverlayView,
        _ found: OverlayView.Found?, _ waiting: inout [Waiting]
    ) throws {
        let folder = home.folder
        let attributes = try reader.attributes(of: entry, in: folder, where: { _ in true }, changes.filter)
        guard !own.areInPart(attributes) else {
            throw LayerError.overlay(upper.location(upper.path(of: entry, in: folder)))
        }
        let earlier = found?.status.kind == .directory ? found : nil
        waiting.append(
            Waiting(
                folder: Int(record.extent), lower: earlier?.layers ?? [],
                isOpaque: home.isOpaque || own.areOpaque(attributes)))
        if let earlier, record.shows(earlier.status) {
            let before = try view.place(earlier.layers[0]).directory.openDirectory(
                reader.name(of: entry, in: folder)
            ).extendedAttributes(where: changes.keeps)
            guard attributes.filter({ changes.keeps($0.name) }) != before else { return }
        }
        try changes.name(entry, in: folder)
    }

    // MARK: Content

    private mutating func isUnchanged(
        _ entry: Int, _ folder: Int, _ record: EntryTable.Record, _ found: OverlayView.Found,
        _ view: OverlayView
    ) throws -> Bool {
        guard record.shows(found.status) else { return false }
        let name = reader.name(of: entry, in: folder)
        let attributes = try reader.attributes(of: entry, in: folder, where: { _ in true }, changes.filter)
        guard !own.areInPart(attributes) else {
            throw LayerError.overlay(upper.location(upper.path(of: entry, in: folder)))
        }
        let kept = attributes.filter { changes.keeps($0.name) }
        let directory = view.place(found.layers[0])
        switch record.kind {
        case .regular:
            let file = try directory.directory.openFile(name)
            return try file.extendedAttributes(where: changes.keeps) == kept
                && isContent(of: entry, in: folder, thatOf: file)
        case .symbolicLink
        where try reader.target(of: entry, in: folder) != directory.directory.linkTarget(of: name):
            return false
        case .symbolicLink where !changes.filter.isWidened: return true
        default: return try directory.directory.extendedAttributes(of: name, where: changes.keeps) == kept
        }
    }

    private mutating func isContent(
        of entry: Int, in folder: Int, thatOf other: borrowing File
    ) throws -> Bool {
        let opened = try reader.openFile(entry, in: folder)
        var offset: Int64 = 0
        while true {
            try Interruption.check()
            buffers.0.removeAll(keepingCapacity: true)
            buffers.1.removeAll(keepingCapacity: true)
            let count = try opened.file.read(upTo: 128 << 10, at: offset, appendingTo: &buffers.0)
            // A read may give less than is wanted: what is compared is what both gave.
            while buffers.1.count < max(count, 1) {
                let place = offset + Int64(buffers.1.count)
                let wanted = max(count, 1) - buffers.1.count
                guard try other.read(upTo: wanted, at: place, appendingTo: &buffers.1) > 0 else { break }
            }
            guard buffers.0 == buffers.1 else { return false }
            guard count > 0 else { return true }
            offset += Int64(count)
        }
    }
}

extension EntryTable.Record {
    /// Whether a file shows what an earlier one showed, but for what is in it.
    fileprivate func shows(_ earlier: FileStatus) -> Bool {
        guard kind == earlier.kind, permissions == earlier.permissions, user == earlier.user,
            group == earlier.group, modified == earlier.modified
        else { return false }
        switch kind {
        case .regular, .symbolicLink: return extent == earlier.size
        case .characterDevice, .blockDevice:
            return extent == Int64(earlier.deviceNumber.major) << 32 | Int64(earlier.deviceNumber.minor)
        default: return true
        }
    }
}

import Linux
import Tar

/// Gives the tar stream of changes away in pieces: as a tree of the same files is packed, and whiteouts as if they
/// were files in it.
struct ChangeArchiver: ~Copyable {
    private struct Level {
        let folder: Int
        /// Of its path and the `/` behind it.
        let pathLength: Int
        var entries: Range<Int>
        var removals: Range<Int>
    }

    private let changes: TreeChanges
    private let latestTime: Int64?
    private let owners: OwnerLookup?
    /// Whether files that are marked stand for devices.
    private let marksDevices: Bool
    /// Whether files and directories that are not root's say so.
    private let hasMarks: Bool
    private var members: MemberWriter
    private var reader: ContentReader
    private var firstNames: [FileStatus.Identity: [UInt8]] = [:]
    private var levels: [Level] = []
    /// The path of the directory that is written, and a `/` behind it.
    private var path: [UInt8] = []

    init(
        _ changes: TreeChanges, latestTime: Int64?, owners: OwnerLookup?, marksDevices: Bool,
        push: @escaping (Piece) -> Bool
    ) throws {
        (self.changes, self.latestTime, self.owners) = (changes, latestTime, owners)
        self.marksDevices = marksDevices
        hasMarks = OwnerMark.owner(in: changes.tree.root.attributes) != nil
        members = try MemberWriter(push: push)
        members.summary.sockets = changes.sockets.count
        members.summary.firstSocket = changes.sockets.first
        reader = ContentReader(changes.tree)
    }

    /// Archives the changes.
    ///
    /// - Throws: ``LayerError``, `FileError`, `TarError` or `Interruption`. Nothing of the stream is good then.
    consuming func archive() throws -> TreeSummary {
        do {
            var isWanted = try !changes.namesRoot || writeRoot()
            enter(0)
            while isWanted, !levels.isEmpty {
                try Interruption.check()
                isWanted = try writeNext()
            }
        } catch let error as FileError {
            throw LayerPlan.meaning(of: error)
        }
        return try members.finish()
    }

    private mutating func enter(_ folder: Int) {
        levels.append(
            Level(
                folder: folder, pathLength: path.count, entries: changes.tree.folders[folder].entries,
                removals: changes.removals.names(of: UInt32(folder))))
    }

    /// Writes the next whiteout or entry of the innermost directory, or leaves that.
    private mutating func writeNext() throws -> Bool {
        let last = levels.count - 1
        let folder = changes.tree.folders[levels[last].folder]
        let table = Int(folder.table)
        while let entry = levels[last].entries.first, !changes.isNamed[table][entry] {
            levels[last].entries.removeFirst()
        }
        let entry = levels[last].entries.first
        if let removal = levels[last].removals.first {
            let name = Whiteout.prefix + changes.removals.name(removal)
            if entry.map({ name[...].lexicographicallyPrecedes(changes.tree.name(of: $0, in: folder)) })
                ?? true
            {
                levels[last].removals.removeFirst()
                return try members.write(
                    TarEntry(path: path + name, kind: .regular(size: 0), permissions: 0))
            }
        }
        guard let entry else {
            levels.removeLast()
            if let above = levels.last { path.removeLast(path.count - above.pathLength) }
            return true
        }
        levels[last].entries.removeFirst()
        return try write(entry, in: levels[last].folder)
    }

    private mutating func write(_ entry: Int, in folder: Int) throws -> Bool {
        let record = changes.tree.record(entry, in: changes.tree.folders[folder])
        let path = path + changes.tree.name(of: entry, in: changes.tree.folders[folder])
        do {
            guard record.kind != .regular else { return try writeFile(entry, in: folder, record, path) }
            let status = try reader.open(folder).directory.status(of: reader.name(of: entry, in: folder))
            guard record.matches(status) else { throw reader.changed(entry, in: folder) }
            let attributes = try reader.attributes(
                of: entry, in: folder, where: { _ in true }, changes.filter)
            if record.kind != .directory, let first = firstName(record, status, path) {
                return try members.write(try member(path, .hardLink(target: first), status, attributes))
            }
            let isWanted = try members.write(
                try member(path, try kind(of: entry, in: folder, status), status, attributes))
            if record.kind == .directory {
                self.path = path + [47]
                enter(Int(record.extent))
            }
            return isWanted
        } catch let error as TarError {
            throw LayerError.member(changes.tree.location(path), error.reason)
        }
    }

    private mutating func kind(
        of entry: Int, in folder: Int, _ status: FileStatus
    ) throws -> TarEntry.Kind {
        let (major, minor) = status.deviceNumber
        return switch status.kind {
        case .directory: .directory
        case .symbolicLink: .symbolicLink(target: try reader.target(of: entry, in: folder))
        case .characterDevice: .characterDevice(major: major, minor: minor)
        case .blockDevice: .blockDevice(major: major, minor: minor)
        default: .fifo
        }
    }

    private mutating func writeFile(
        _ entry: Int, in folder: Int, _ record: EntryTable.Record, _ path: [UInt8]
    ) throws -> Bool {
        let opened = try reader.openFile(entry, in: folder)
        let attributes = try opened.file.extendedAttributes { _ in true }
        if let first = firstName(record, opened.status, path) {
            return try members.write(try member(path, .hardLink(target: first), opened.status, attributes))
        }
        if marksDevices, let device = DeviceMark.device(in: attributes) {
            return try members.write(try member(path, device, opened.status, attributes))
        }
        let member = try member(path, .regular(size: opened.status.size), opened.status, attributes)
        return try members.write(member, content: opened.file, opened.status)
    }

    /// - Returns: The path under which the file is in the layer already, if it is.
    private mutating func firstName(
        _ record: EntryTable.Record, _ status: FileStatus, _ path: [UInt8]
    ) -> [UInt8]? {
        guard record.hasSeveralNames else { return nil }
        if let first = firstNames[status.identity] { return first }
        firstNames[status.identity] = path
        return nil
    }

    // MARK: Headers

    private func kept(
        _ attributes: [ExtendedAttribute], _ path: [UInt8]
    ) throws(LayerError) -> [ExtendedAttribute] {
        if changes.overlay?.areInPart(attributes) == true {
            throw .overlay(changes.tree.location(path))
        }
        return attributes.filter { changes.keeps($0.name) }
    }

    private mutating func writeRoot() throws -> Bool {
        let root = changes.tree.root
        return try members.write(try member([46], .directory, root.status, root.attributes))
    }

    /// Whom a file belongs to, where the disk does not tell.
    private func owner(
        of path: [UInt8], _ status: FileStatus, _ attributes: [ExtendedAttribute]
    ) -> (user: UInt32, group: UInt32)? {
        guard let owners else { return nil }
        if let owner = OwnerMark.owner(in: attributes) { return owner }
        // What was made anew under an old name is not that file; but of links and the like nobody can tell.
        let isNobodyElses = hasMarks && (status.kind == .regular || status.kind == .directory)
        return isNobodyElses ? nil : owners(path, status)
    }

    private func member(
        _ path: [UInt8], _ kind: TarEntry.Kind, _ status: FileStatus, _ attributes: [ExtendedAttribute]
    ) throws(LayerError) -> TarEntry {
        // A link has its file's attributes already.
        let isLink = if case .hardLink = kind { true } else { false }
        let kept = isLink ? [] : try kept(attributes, path)
        let owner = owner(of: path, status, attributes) ?? (status.user, status.group)
        for number in [owner.0, owner.1] where number == .max {
            throw .owner(changes.tree.location(path), number)
        }
        return TarEntry(
            path: path, kind: kind, permissions: status.permissions, user: owner.0, group: owner.1,
            modified: status.modified.inLayer(latestTime: latestTime).seconds,
            attributes: kept.map { ($0.name, $0.value) })
    }
}

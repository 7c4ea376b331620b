import Linux
import SystemPackage
import Tar

/// Walks a tree and gives its tar stream away in pieces.
struct TreeArchiver: ~Copyable {
    private let options: LayerOptions
    private let root: FilePath
    private var members: MemberWriter
    private var firstNames: [FileStatus.Identity: [UInt8]] = [:]
    private var unreadable: [FilePath] = []
    private var table: OwnerTable.Cursor
    /// What the table says of the entry that the walk is at.
    private var specified: OwnerTable.Entry?

    init(_ root: FilePath, _ options: LayerOptions, push: @escaping (Piece) -> Bool) throws {
        (self.root, self.options) = (root, options)
        table = OwnerTable.Cursor(options.table)
        members = try MemberWriter(push: push)
    }

    /// Archives the tree.
    ///
    /// - Throws: ``LayerError``, `FileError`, `TarError` or `Interruption`. Nothing of the stream is good then.
    consuming func archive() throws -> TreeSummary {
        let directory = try Directory.open(root)
        do {
            specified = table.takeEntry(at: [])
            if options.hasRootEntry { try archiveRoot(directory) }
            var walk = try TreeWalk(of: directory)
            var isWanted = true
            while isWanted, let entry = try next(&walk) {
                try Interruption.check()
                isWanted = try addEntries(before: entry.path, in: directory)
                specified = table.takeEntry(at: entry.path)
                if isWanted { isWanted = try archive(entry, in: &walk) }
            }
            if isWanted { _ = try addEntries(before: nil, in: directory) }
        } catch let error as FileError where Self.meansChange.contains(error.errno) {
            throw LayerError.changed(error.path, "\(error)")
        }
        guard unreadable.isEmpty else {
            throw LayerError.unreadable(Array(unreadable.prefix(10)), more: unreadable.count > 10)
        }
        return try members.finish()
    }

    /// What a call on an entry fails with, when the entry is no longer what the walk saw.
    private static let meansChange: [Errno] = [
        .noSuchAddressOrDevice, .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels,
        .staleNFSFileHandle,
    ]

    /// Adds what only the table has, up to the path that the walk is at.
    ///
    /// - Returns: Whether the stream is still wanted.
    private mutating func addEntries(before path: [UInt8]?, in root: borrowing Directory) throws -> Bool {
        while let entry = table.takeEntry(before: path) {
            guard !isExcluded(entry.path) else { continue }
            try entry.expectDirectoryAbove(in: root)
            var member = try entry.member()
            member.modified = clamped(member.modified)
            guard try members.write(member) else { return false }
        }
        return true
    }

    /// Whether a path or a directory above it stays out.
    private func isExcluded(_ path: [UInt8]) -> Bool {
        path.indices.contains { path[$0] == 47 && isNamed(Array(path[..<$0])) } || isNamed(path)
    }

    private func isNamed(_ path: [UInt8]) -> Bool {
        let name = path.lastIndex(of: 47).map { path[($0 + 1)...] } ?? path[...]
        return options.exclusion.excludes(path: path, name: name)
    }

    /// Goes on behind a directory that may not be read, to find out what else may not.
    private mutating func next(_ walk: inout TreeWalk) throws -> TreeWalk.Entry? {
        while true {
            do {
                return try walk.next()
            } catch {
                guard error.errno == .permissionDenied else { throw error }
                guard note(unreadable: error.path) else { return nil }
                walk.skipChildren()
            }
        }
    }

    /// - Returns: Whether looking on for more is worth it.
    private mutating func note(unreadable path: FilePath) -> Bool {
        unreadable.append(path)
        return unreadable.count <= 10
    }

    /// - Returns: Whether the walk goes on.
    private mutating func archive(_ entry: TreeWalk.Entry, in walk: inout TreeWalk) throws -> Bool {
        if options.exclusion.excludes(path: entry.path, name: entry.name.bytes) {
            walk.skipChildren()
            return true
        }
        guard !entry.name.bytes.starts(with: Whiteout.prefix) else {
            throw LayerError.whiteoutName(location(entry.path))
        }
        do {
            return try archiveMember(entry, in: &walk)
        } catch let error as FileError where error.errno == .permissionDenied {
            walk.skipChildren()
            return note(unreadable: error.path)
        } catch let error as TarError {
            throw LayerError.member(location(entry.path), error.reason)
        }
    }

    private mutating func archiveMember(_ entry: TreeWalk.Entry, in walk: inout TreeWalk) throws -> Bool {
        guard let status = entry.status else { return try archiveFile(entry, in: walk.directory) }
        switch status.kind {
        case .regular:
            return try archiveFile(entry, in: walk.directory)
        case .directory:
            let attributes = try walk.attributesOfDirectory(where: options.attributes.keeps)
            return try write(entry.path, .directory, status, attributes)
        case .socket:
            members.summary.sockets += 1
            if members.summary.firstSocket == nil { members.summary.firstSocket = location(entry.path) }
            return true
        case .symbolicLink, .fifo, .characterDevice, .blockDevice:
            if let first = firstName(of: entry, status) {
                return try write(entry.path, .hardLink(target: first), status, [])
            }
            return try archiveSpecial(entry, status, in: walk.directory)
        }
    }

    /// - Returns: The path under which the file is in the archive already, if it is.
    private mutating func firstName(of entry: TreeWalk.Entry, _ status: FileStatus) -> [UInt8]? {
        guard status.links > 1 else { return nil }
        if let first = firstNames[status.identity] { return first }
        firstNames[status.identity] = entry.path
        return nil
    }

    private mutating func archiveFile(
        _ entry: TreeWalk.Entry, in directory: borrowing Directory
    ) throws -> Bool {
        let file = try directory.openFile(entry.name)
        let status = try file.status()
        guard status.kind == .regular else {
            throw LayerError.changed(location(entry.path), "another file took its place")
        }
        if let first = firstName(of: entry, status) {
            return try write(entry.path, .hardLink(target: first), status, [])
        }
        guard unreadable.isEmpty else { return true }
        let attributes = try file.extendedAttributes(where: options.attributes.keeps)
        let member = try member(entry.path, .regular(size: status.size), status, attributes)
        return try members.write(member, content: file, status)
    }

    /// A file that is never opened.
    private mutating func archiveSpecial(
        _ entry: TreeWalk.Entry, _ status: FileStatus, in directory: borrowing Directory
    ) throws -> Bool {
        let (major, minor) = status.deviceNumber
        let kind: TarEntry.Kind =
            switch status.kind {
            case .symbolicLink: .symbolicLink(target: try directory.linkTarget(of: entry.name))
            case .characterDevice: .characterDevice(major: major, minor: minor)
            case .blockDevice: .blockDevice(major: major, minor: minor)
            default: .fifo
            }
        // Only `security.*` and `trusted.*` can be on a link, and none of the usual ones is.
        let mayHaveAttributes = status.kind != .symbolicLink || options.attributes.isWidened
        return try write(
            entry.path, kind, status, mayHaveAttributes ? attributes(of: entry, in: directory) : [])
    }

    private func attributes(
        of entry: TreeWalk.Entry, in directory: borrowing Directory
    ) throws -> [ExtendedAttribute] {
        try directory.extendedAttributes(of: entry.name, where: options.attributes.keeps)
    }

    private mutating func write(
        _ path: [UInt8], _ kind: TarEntry.Kind, _ status: FileStatus, _ attributes: [ExtendedAttribute]
    ) throws -> Bool {
        let member = try member(path, kind, status, attributes)
        return try members.write(member)
    }

    private mutating func archiveRoot(_ directory: borrowing Directory) throws {
        let attributes = try directory.extendedAttributes(where: options.attributes.keeps)
        _ = try write([UInt8(ascii: ".")], .directory, try directory.status(), attributes)
    }

    /// A file's header: what the table says of it, else what the policy does.
    private mutating func member(
        _ path: [UInt8], _ kind: TarEntry.Kind, _ status: FileStatus, _ attributes: [ExtendedAttribute]
    ) throws -> TarEntry {
        try specified?.check(kind)
        let byPolicy = options.owners.owner(user: status.user, group: status.group)
        let owner = (user: specified?.user ?? byPolicy.user, group: specified?.group ?? byPolicy.group)
        for number in [owner.user, owner.group] where number == .max {
            throw LayerError.owner(location(path), number)
        }
        if specified == nil, owner != (status.user, status.group) { members.summary.filesGivenToRoot += 1 }
        return TarEntry(
            path: path, kind: kind, permissions: specified?.permissions ?? status.permissions,
            user: owner.user, group: owner.group,
            modified: clamped(specified?.modified ?? status.modified.seconds),
            attributes: merged(attributes).map { ($0.name, $0.value) })
    }

    /// The attributes on disk and those of the table, which go before them.
    private func merged(_ attributes: [ExtendedAttribute]) -> [ExtendedAttribute] {
        let kept = specified?.attributes.filter { options.attributes.keeps($0.name) } ?? []
        guard !kept.isEmpty else { return attributes }
        let others = attributes.filter { attribute in !kept.contains { $0.name == attribute.name } }
        return (others + kept).sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    private func clamped(_ time: Int64) -> Int64 { min(time, options.latestTime ?? .max) }

    private func location(_ path: [UInt8]) -> FilePath {
        FilePath(bytes: root.bytes + [UInt8(ascii: "/")] + path)
    }
}

import Linux
import SystemPackage
import Tar

extension LayerPlan {
    /// Copies a file, or what is in a directory, as COPY does.
    ///
    /// - A directory's content goes into the destination, which is made where it is missing; directories that are
    ///   there already get the attributes of those that are copied onto them, but the destination itself keeps its own.
    /// - A file goes into the destination where that is a directory, or ends with `/`; else it takes its place.
    /// - The destination is followed over the image's links. Below it a file takes a link's place, and a directory
    ///   goes where a link leads, if that is a directory.
    /// - A file never takes a directory's place, nor a directory a file's.
    /// - Names of one file stay names of one file.
    ///
    /// - Parameters:
    ///   - path: What is copied, below the source's root; links in it are followed. Without wildcards.
    ///   - source: Where that is.
    ///   - destination: Where to, below the image's root.
    ///   - rules: What comes along, and what it becomes.
    /// - Throws: ``LayerError``, `FileError`, `Interruption`. The plan is of no use then.
    ///
    /// Source: Dockerfile reference, "COPY"; BuildKit's copy for what that leaves open.
    public mutating func copy(
        _ path: [UInt8], from source: CopySource, to destination: [UInt8], _ rules: CopyRules
    ) throws {
        do {
            try copyFound(path, source, destination, rules)
        } catch let error as FileError {
            throw Self.meaning(of: error)
        }
    }

    private mutating func copyFound(
        _ path: [UInt8], _ source: CopySource, _ destination: [UInt8], _ rules: CopyRules
    ) throws {
        let found = try source.find(path)
        let isDirectory = found.status.kind == .directory
        guard rules.verdict(found.path, [], isDirectory) != .leftOut else {
            throw LayerError.source(FileListing.filePath(path), "it is left out")
        }
        if isDirectory {
            let root = try enter(destination, rules.parents)
            try copyContent(of: found.directory, source, found.path, into: root, rules)
        } else {
            let real = try MemberPath(found.path, limit: .max)
            let own = try MemberPath(Array(PathWalk.components(path[...]).last ?? []), limit: .max)
            let (place, name) = try target(of: destination, named: own.bytes, rules.parents)
            let directory = try enter(place, rules.parents)
            let entry = try planned(
                FileName(real.name), found.status, in: found.directory, source, found.path, rules,
                copy: beginCopy())
            if let entry { try put(entry, name, in: directory, rules.parents) }
        }
        settleAccounts()
    }

    /// A directory that the walk is in.
    private struct Level {
        /// Its path in the source and a `/`; empty for what is copied.
        let path: [UInt8]
        /// Where it is in the image, once it is there.
        var node: FileTree.Number?
        /// What it becomes as soon as something in it comes along.
        var waiting: (name: [UInt8], entry: PlannedEntry)?
    }

    private mutating func copyContent(
        of directory: borrowing Directory, _ source: CopySource, _ path: [UInt8],
        into root: FileTree.Number, _ rules: CopyRules
    ) throws {
        let copy = beginCopy()
        let prefix = path.isEmpty ? [] : path + [47]
        var levels = [Level(path: [], node: root)]
        var walk = try TreeWalk(of: directory)
        while let entry = try walk.next() {
            try Interruption.check()
            while let last = levels.last, !entry.path.starts(with: last.path) { levels.removeLast() }
            let status = try entry.status ?? walk.directory.status(of: entry.name)
            // What is none now the walk does not go into.
            guard entry.status != nil || status.kind == .regular else {
                throw LayerError.changed(
                    walk.directory.childPath(entry.name), "another file took its place")
            }
            let isDirectory = status.kind == .directory
            let verdict = rules.verdict(prefix + entry.path, entry.path, isDirectory)
            guard verdict == .kept || (isDirectory && verdict == .keptForContent) else {
                walk.skipChildren()
                continue
            }
            var planned = try planned(
                entry.name, status, in: walk.directory, source, prefix + entry.path, rules, copy: copy)
            if isDirectory { planned?.extended = try walk.attributesOfDirectory(where: filter.keeps) }
            guard let planned else { continue }
            let name = Array(entry.name.bytes)
            var level = Level(path: entry.path + [47], node: nil, waiting: (name, planned))
            if verdict == .kept {
                let parent = try arrive(&levels, rules)
                level.node = try put(planned, name, in: parent, rules.parents)
            }
            if isDirectory { levels.append(level) }
        }
    }

    /// Makes the directories that waited for something to come along.
    private mutating func arrive(_ levels: inout [Level], _ rules: CopyRules) throws(LayerError)
        -> FileTree.Number
    {
        var parent = FileTree.root
        for index in levels.indices {
            if let node = levels[index].node {
                parent = node
            } else if let waiting = levels[index].waiting {
                parent = try put(waiting.entry, waiting.name, in: parent, rules.parents)
                levels[index].node = parent
            }
        }
        return parent
    }

    /// What a file becomes; `nil` for a socket, which no layer holds.
    private mutating func planned(
        _ name: FileName, _ status: FileStatus, in directory: borrowing Directory, _ source: CopySource,
        _ path: [UInt8], _ rules: CopyRules, copy: Int
    ) throws -> PlannedEntry? {
        let (major, minor) = status.deviceNumber
        let content: PlannedEntry.Content
        var target: [UInt8] = []
        let kind: FileListing.Kind
        switch status.kind {
        case .directory: (kind, content) = (.directory, .directory)
        case .regular: (kind, content) = (.regular, .file(source, path: path, status))
        case .symbolicLink:
            target = try directory.linkTarget(of: name)
            (kind, content) = (.symbolicLink, .link(target: target))
        case .fifo: (kind, content) = (.fifo, .special(.fifo))
        case .characterDevice:
            (kind, content) = (.characterDevice, .special(.characterDevice(major: major, minor: minor)))
        case .blockDevice:
            (kind, content) = (.blockDevice, .special(.blockDevice(major: major, minor: minor)))
        case .socket:
            sockets.count += 1
            if sockets.first == nil { sockets.first = FileListing.filePath(path) }
            return nil
        }
        let original = FileListing.Entry(
            kind: kind, target: target, permissions: status.permissions, user: status.user,
            group: status.group)
        let owner = rules.owner(original)
        // As packing a tree has it: what lstat(2) says of a link.
        let permissions =
            status.kind == .symbolicLink ? status.permissions : rules.permissions(original) & 0o7777
        var entry = PlannedEntry(
            content: content,
            attributes: CopyRules.Attributes(
                user: owner.user, group: owner.group, permissions: permissions,
                modified: status.modified.seconds))
        let mayHaveAttributes = status.kind != .symbolicLink || filter.isWidened
        if status.kind != .directory, status.kind != .regular, mayHaveAttributes {
            entry.extended = try directory.extendedAttributes(of: name, where: filter.keeps)
        }
        if status.kind != .directory, status.links > 1 {
            entry.family = PlannedEntry.Family(
                copy: copy, file: .inode(status.identity), user: owner.user, group: owner.group,
                permissions: permissions)
        }
        return entry
    }

    /// What a failed call on a source says of it.
    static func meaning(of error: FileError) -> any Error {
        switch error.errno {
        case .permissionDenied: LayerError.unreadable([error.path], more: false)
        case .noSuchAddressOrDevice, .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels,
            .staleNFSFileHandle:
            LayerError.changed(error.path, "\(error)")
        default: error
        }
    }
}

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
            throw LayerError.source(FileListing.filePath(path), "an ignore file or --exclude names it")
        }
        if isDirectory {
            let root = try enter(destination, rules.parents)
            try copyContent(of: found.directory, source, found.path, into: root, rules)
        } else {
            let real = try MemberPath(found.path, limit: .max)
            let entry = try sourceEntry(
                FileName(real.name), found.status, in: found.directory, source, found.path)
            if let entry { try copyFile(entry, path, to: destination, rules) }
        }
        settleAccounts()
    }

    /// Copies what is no directory.
    ///
    /// - Parameters:
    ///   - entry: The file.
    ///   - path: The path that was asked for: the file keeps its name in a directory.
    ///   - destination: Where to.
    ///   - rules: What it becomes.
    /// - Throws: ``LayerError``.
    mutating func copyFile(
        _ entry: SourceEntry, _ path: [UInt8], to destination: [UInt8], _ rules: CopyRules
    ) throws {
        let own = try MemberPath(Array(PathWalk.components(path[...]).last ?? []), limit: .max)
        let (place, name) = try target(of: destination, named: own.bytes, rules.parents)
        let directory = try enter(place, rules.parents)
        try put(entry.planned(rules, copy: beginCopy()), name, in: directory, rules.parents)
    }

    private mutating func copyContent(
        of directory: borrowing Directory, _ source: CopySource, _ path: [UInt8],
        into root: FileTree.Number, _ rules: CopyRules
    ) throws {
        let copy = beginCopy()
        let prefix = path.isEmpty ? [] : path + [47]
        var levels = CopyLevels(root: root)
        var walk = try TreeWalk(of: directory)
        while let entry = try walk.next() {
            try Interruption.check()
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
            var found = try sourceEntry(entry.name, status, in: walk.directory, source, prefix + entry.path)
            if isDirectory { found?.extended = try walk.attributesOfDirectory(where: filter.keeps) }
            guard let planned = found?.planned(rules, copy: copy) else { continue }
            try levels.put(planned, at: entry.path, isKept: verdict == .kept, in: &self, rules)
        }
    }

    /// What a file on disk is; `nil` for a socket, which no layer holds.
    private mutating func sourceEntry(
        _ name: FileName, _ status: FileStatus, in directory: borrowing Directory, _ source: CopySource,
        _ path: [UInt8]
    ) throws -> SourceEntry? {
        let (major, minor) = status.deviceNumber
        let content: PlannedEntry.Content
        switch status.kind {
        case .directory: content = .directory
        case .regular: content = .file(source, path: path, status)
        case .symbolicLink: content = .link(target: try directory.linkTarget(of: name))
        case .fifo: content = .special(.fifo)
        case .characterDevice: content = .special(.characterDevice(major: major, minor: minor))
        case .blockDevice: content = .special(.blockDevice(major: major, minor: minor))
        case .socket:
            sockets.count += 1
            if sockets.first == nil { sockets.first = FileListing.filePath(path) }
            return nil
        }
        let hasOthers = status.kind != .directory && status.links > 1
        var entry = SourceEntry(
            original: FileListing.Entry(
                kind: content.kind, target: content.target, permissions: status.permissions,
                user: status.user, group: status.group),
            modified: status.modified.seconds, content: content,
            file: hasOthers ? .inode(status.identity) : nil)
        let mayHaveAttributes = status.kind != .symbolicLink || filter.isWidened
        if status.kind != .directory, status.kind != .regular, mayHaveAttributes {
            entry.extended = try directory.extendedAttributes(of: name, where: filter.keeps)
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

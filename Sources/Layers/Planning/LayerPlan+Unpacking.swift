import Linux
import SystemPackage
import Tar

extension LayerPlan {
    /// Puts an archive's members below a directory, as ADD does.
    ///
    /// - The destination is made where it is missing, and keeps its attributes, whatever the archive says of `./`.
    /// - Directories above members are followed over links, in the image and in the archive, and never lead out. A
    ///   directory goes where a link leads, if that is a directory; a file takes a link's place.
    /// - A file never takes a directory's place, nor a directory a file's.
    /// - A name that would be read as a whiteout is refused: no layer can hold it.
    ///
    /// - Parameters:
    ///   - archive: The archive; it is read to its end.
    ///   - destination: Where to, below the image's root; links in it are followed.
    ///   - spool: Gets the files' contents.
    ///   - rules: What comes along, and what it becomes. The verdict is told each member's path in the archive twice.
    ///     Whoever wants the archive's owners says so: ``CopyRules/owner`` is root by default.
    ///   - limits: How much the archive may hold.
    /// - Throws: ``LayerError``, `FileError`, `Interruption`, and what the archive's source throws. The plan is of no use
    ///   then.
    ///
    /// Source: Dockerfile reference, "ADD".
    public mutating func unpack(
        _ archive: ArchiveStream, to destination: [UInt8], into spool: Spool, _ rules: CopyRules,
        _ limits: UnpackLimits = UnpackLimits()
    ) throws {
        do {
            var reader = try archive.reader()
            let root = try enter(destination, rules.parents)
            let base = try MemberPath(listing.tree.path(of: root), limit: .max)
            var run = UnpackingRun(base: base, copy: beginCopy(), rules, limits, filter)
            while let entry = try reader.next() {
                try Interruption.check()
                guard let (path, isKept) = try run.admit(entry) else { continue }
                try unpack(entry, path, isKept: isKept, &reader, into: spool, &run)
            }
            try reader.finish()
            try makeLateLinks(&run)
        } catch {
            throw archive.meaning(of: error)
        }
        settleAccounts()
    }

    /// Puts the members of an archive, which is a file below a source, below a directory.
    ///
    /// - Parameters:
    ///   - path: The file, below the source's root; links in it are followed. It must be the same before and after.
    ///   - source: Where that is.
    ///   - destination: Where to, as ``unpack(_:to:into:_:_:)`` takes it.
    ///   - spool: Gets the files' contents.
    ///   - rules: What comes along, and what it becomes.
    ///   - limits: How much the archive may hold.
    /// - Throws: As ``unpack(_:to:into:_:_:)``.
    public mutating func unpack(
        _ path: [UInt8], from source: CopySource, to destination: [UInt8], into spool: Spool,
        _ rules: CopyRules, _ limits: UnpackLimits = UnpackLimits()
    ) throws {
        do {
            let found = try source.find(path)
            guard found.status.kind == .regular else {
                throw LayerError.source(FileListing.filePath(path), "it is no file")
            }
            let file = try source.open(found.path)
            try file.expect(found.status)
            let archive = try ArchiveStream(of: file.duplicate(), limits)
            try unpack(archive, to: destination, into: spool, rules, limits)
            try file.expect(found.status)
        } catch let error as FileError {
            throw Self.meaning(of: error)
        }
    }

    private mutating func unpack(
        _ entry: TarEntry, _ path: MemberPath, isKept: Bool, _ reader: inout TarReader, into spool: Spool,
        _ run: inout UnpackingRun
    ) throws {
        if case .hardLink(let target) = entry.kind {
            let target = try MemberPath(target, limit: run.limits.pathLength)
            guard target != path else { return }
            guard try !link(path, to: target, &run) else { return }
            return try run.wait(path, for: target)
        }
        let content: PlannedEntry.Content
        switch entry.kind {
        case .directory: content = .directory
        case .regular(let size):
            content = .spooled(spool, try spool.append(size: size) { try reader.content($0) })
        case .symbolicLink(let target): content = .link(target: target)
        default: content = .special(entry.kind)
        }
        let planned = try run.planned(entry, content)
        guard isKept else { return try run.wait(path, planned) }
        try put(planned, path, &run)
    }

    /// Puts an entry where the archive says, behind the directories that waited for something to come along.
    private mutating func put(
        _ entry: PlannedEntry, _ path: MemberPath, _ run: inout UnpackingRun
    ) throws {
        for (path, directory) in run.takeWaiting(above: path) {
            let parent = try enter(run.place(of: path.parent), run.rules.parents)
            try put(directory, path.name, in: parent, run.rules.parents)
        }
        let parent = try enter(run.place(of: path.parent), run.rules.parents)
        try put(entry, path.name, in: parent, run.rules.parents)
    }

    // MARK: Hard links

    /// - Returns: `false` where the target is not there.
    private mutating func link(
        _ path: MemberPath, to target: MemberPath, _ run: inout UnpackingRun
    ) throws -> Bool {
        guard let home = listing.node(at: run.place(of: target.parent)),
            let node = listing.tree.child(target.name[...], of: home)
        else { return false }
        guard listing.tree[node].traits.kind != .directory else {
            throw LayerError.hostile(path.filePath, "a hard link to a directory")
        }
        // The image's own file is in a layer below, which no name in this one can lead to.
        guard var entry = entries[node] else { return false }
        if entry.family == nil {
            let attributes = entry.attributes
            entry.family = PlannedEntry.Family(
                copy: run.copy, file: .member(run.nextFamily()), user: attributes.user,
                group: attributes.group, permissions: attributes.permissions)
            entries[node] = entry
        }
        let parent = try enter(run.place(of: path.parent), run.rules.parents)
        guard listing.tree.child(path.name[...], of: parent) != node else { return true }
        try put(entry, path, &run)
        return true
    }

    /// Makes the links that came before their targets.
    private mutating func makeLateLinks(_ run: inout UnpackingRun) throws {
        // A link's target may be a link that waits itself: go on as long as that helps.
        var waiting = run.lateLinks
        while !waiting.isEmpty {
            try Interruption.check()
            var left: [(path: MemberPath, target: MemberPath)] = []
            for (path, target) in waiting where try !link(path, to: target, &run) {
                left.append((path, target))
            }
            guard left.count < waiting.count else {
                throw LayerError.hostile(
                    waiting[0].path.filePath,
                    "a hard link to \(waiting[0].target.filePath.escapedDescription), which the archive does not have"
                )
            }
            waiting = left
        }
    }
}

import Linux
import SystemPackage
import Tar

/// Gives a planned layer's tar stream away in pieces, in the order in which a tree of the same files is packed.
struct PlanArchiver: ~Copyable {
    private let plan: LayerPlan
    private let latestTime: Int64?
    private var members: MemberWriter
    private var firstNames: [PlannedEntry.Family: [UInt8]] = [:]
    /// The directory that the last file came from: mostly the next one's, too.
    private var place: Place?

    private final class Place {
        let source: CopySource
        let path: [UInt8]
        let directory: Directory

        init(_ source: CopySource, _ path: [UInt8]) throws(FileError) {
            (self.source, self.path) = (source, path)
            directory = try source.root.openInRoot(path)
        }
    }

    init(_ plan: LayerPlan, latestTime: Int64?, push: @escaping (Piece) -> Bool) throws {
        (self.plan, self.latestTime) = (plan, latestTime)
        members = try MemberWriter(push: push)
        members.summary.sockets = plan.sockets.count
        members.summary.firstSocket = plan.sockets.first
    }

    /// Archives the plan.
    ///
    /// - Throws: ``LayerError``, `FileError`, `TarError` or `Interruption`. Nothing of the stream is good then.
    consuming func archive() throws -> TreeSummary {
        do {
            let tree = plan.listing.tree
            // All directories above an entry are entries.
            var waiting = children(of: FileTree.root, in: tree)
            var isWanted = true
            while isWanted, let node = waiting.popLast(), let entry = plan.entries[node] {
                try Interruption.check()
                let path = tree.path(of: node)
                do {
                    isWanted = try write(entry, path)
                } catch let error as TarError {
                    throw LayerError.member(FilePath(bytes: path), error.reason)
                }
                waiting += children(of: node, in: tree)
            }
        } catch let error as FileError {
            throw LayerPlan.meaning(of: error)
        }
        return try members.finish()
    }

    /// The entries of a directory, the last one first.
    private func children(of node: FileTree.Number, in tree: FileTree) -> [FileTree.Number] {
        tree.sortedChildren(of: node) { plan.entries[$0] != nil }.reversed()
    }

    /// - Returns: Whether the stream is still wanted.
    private mutating func write(_ entry: PlannedEntry, _ path: [UInt8]) throws -> Bool {
        var member = entry.member(path, latestTime: latestTime)
        if let family = entry.family {
            if let first = firstNames[family] {
                if case .file(let source, let path, let status) = entry.content {
                    try open(source, path).expect(status)
                }
                member.kind = .hardLink(target: first)
                member.attributes = []
                return try members.write(member)
            }
            firstNames[family] = path
        }
        switch entry.content {
        case .bytes(let bytes): return try members.write(member, content: bytes)
        case .spooled(let spool, let place):
            return try members.write(member, size: place.size) { offset, count, buffer in
                try spool.read(place, from: offset, upTo: count, appendingTo: &buffer)
            }
        case .directory, .link, .special: return try members.write(member)
        case .file(let source, let path, let status):
            let file = try open(source, path)
            try file.expect(status)
            member.attributes = try file.extendedAttributes(where: plan.filter.keeps).map {
                ($0.name, $0.value)
            }
            return try members.write(member, content: file, status)
        }
    }

    private mutating func open(_ source: CopySource, _ path: [UInt8]) throws -> File {
        let path = try MemberPath(path, limit: .max)
        if let place, place.source === source, place.path == path.parent.bytes {
            return try place.directory.openFile(FileName(path.name))
        }
        let found = try Place(source, path.parent.bytes)
        place = found
        return try found.directory.openFile(FileName(path.name))
    }
}

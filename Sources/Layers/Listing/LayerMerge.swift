import Linux
import Tar

/// Puts one layer's members over a tree of names, as ``TreeExtractor`` puts them over a tree of files.
///
/// Every name knows the layer that gave it: a whiteout hides what lower layers
/// gave, wherever in its own layer it stands.
///
/// Source: OCI image-spec v1.1, layer.md, "Applying Changesets".
struct LayerMerge {
    private(set) var tree: FileTree
    private let layer: UInt32
    /// Members of the layers below.
    private let membersBelow: UInt32
    private let limits: UnpackLimits
    /// Hard links whose target had not come yet.
    private var lateLinks: [(path: MemberPath, target: MemberPath)] = []
    private var held = 0
    /// What whiteouts went through already: a second one finds this layer's names alone, however many there are.
    ///
    /// A number that is given again names what this layer made, of which a whiteout takes nothing.
    private var swept = (removed: Set<FileTree.Number>(), emptied: Set<FileTree.Number>())
    /// Where the last member belonged: mostly the next one's place, too.
    private var place: (path: MemberPath, node: FileTree.Number)?

    init(over tree: FileTree, layer: UInt32, membersBelow: UInt32, _ limits: UnpackLimits) {
        (self.tree, self.layer) = (tree, layer)
        (self.membersBelow, self.limits) = (membersBelow, limits)
    }

    /// Puts a member in.
    ///
    /// - Parameters:
    ///   - entry: The member.
    ///   - number: Counts the layer's members from 1.
    /// - Throws: ``LayerError``.
    /// - Returns: The regular file that the member is, if it is one.
    mutating func apply(_ entry: TarEntry, number: Int) throws(LayerError) -> FileTree.Number? {
        guard let member = UInt32(exactly: Int(membersBelow) + number), member <= limits.entries else {
            throw .limit("more than \(limits.entries) entries", flag: "--max-entries")
        }
        let path = try MemberPath(entry.path, limit: limits.pathLength)
        if let whiteout = try Whiteout(path) {
            try apply(whiteout, in: path.parent)
            return nil
        }
        guard !path.bytes.isEmpty else {
            guard entry.kind == .directory else {
                throw .hostile(path.filePath, "the root is no directory in this layer")
            }
            tree.set(FileTree.root, FileTree.Traits(entry, .directory))
            tree.attribute(FileTree.root, to: member)
            return nil
        }
        let parent = try enter(path.parent, for: path)
        let name = path.name[...]
        switch entry.kind {
        case .directory:
            try makeDirectory(name, in: parent, FileTree.Traits(entry, .directory), member)
        case .symbolicLink(let target):
            var traits = FileTree.Traits(entry, .symbolicLink)
            // Linux keeps no mode of a link.
            traits.permissions = 0o777
            _ = try replace(name, in: parent, traits, target: target[...], member: member)
        case .hardLink(let target):
            try link(path, in: parent, to: try MemberPath(target, limit: limits.pathLength))
        case .regular:
            return try replace(name, in: parent, FileTree.Traits(entry, .regular), member: member)
        case .fifo: _ = try replace(name, in: parent, FileTree.Traits(entry, .fifo), member: member)
        case .characterDevice:
            _ = try replace(name, in: parent, FileTree.Traits(entry, .characterDevice), member: member)
        case .blockDevice:
            _ = try replace(name, in: parent, FileTree.Traits(entry, .blockDevice), member: member)
        }
        return nil
    }

    private mutating func makeDirectory(
        _ name: ArraySlice<UInt8>, in parent: FileTree.Number, _ traits: FileTree.Traits, _ member: UInt32
    ) throws(LayerError) {
        guard let found = tree.child(name, of: parent), tree[found].traits.kind == .directory else {
            _ = try replace(name, in: parent, traits, member: member)
            return
        }
        tree.set(found, traits)
        tree.attribute(found, to: member)
        tree.stamp(found, layer)
    }

    /// Adds a name in place of whatever has it.
    private mutating func replace(
        _ name: ArraySlice<UInt8>, in parent: FileTree.Number, _ traits: FileTree.Traits,
        target: ArraySlice<UInt8> = [], member: UInt32
    ) throws(LayerError) -> FileTree.Number {
        if let found = tree.child(name, of: parent) { remove(found) }
        return try tree.insert(name, in: parent, traits, target: target, layer: layer, member: member)
    }

    private mutating func remove(_ node: FileTree.Number, sparing layer: UInt32? = nil) {
        // Another member's way may have led through it.
        if [.directory, .symbolicLink].contains(tree[node].traits.kind) { place = nil }
        tree.remove(node, sparing: layer)
    }

    private mutating func apply(_ whiteout: Whiteout, in path: MemberPath) throws(LayerError) {
        guard whiteout != .foreign, let directory = open(path) else { return }
        switch whiteout {
        case .removal(let name):
            guard let found = tree.child(name[...], of: directory), swept.removed.insert(found).inserted
            else {
                return
            }
            remove(found, sparing: layer)
        default:
            guard swept.emptied.insert(directory).inserted else { return }
            for child in tree.children(of: directory) { remove(child, sparing: layer) }
        }
    }

    // MARK: Places

    /// The directory that a path leads to, if it is there.
    private func open(_ path: MemberPath) -> FileTree.Number? {
        if let place, place.path == path { return place.node }
        var walk = PathWalk(path.bytes, followsLast: true)
        guard case .arrived = walk.advance(in: tree), tree[walk.place].traits.kind == .directory else {
            return nil
        }
        return walk.place
    }

    /// The directory that a member belongs in, made where it is missing: layers need not name the directories above
    /// their files.
    private mutating func enter(
        _ path: MemberPath, for member: MemberPath
    ) throws(LayerError) -> FileTree.Number {
        if let place, place.path == path { return place.node }
        var walk = PathWalk(path.bytes, followsLast: true)
        while true {
            switch walk.advance(in: tree) {
            case .arrived where tree[walk.place].traits.kind == .directory:
                place = (path, walk.place)
                return walk.place
            case .arrived, .notDirectory:
                throw .hostile(member.filePath, "what it lies in is no directory")
            case .tooManyLinks:
                throw .hostile(member.filePath, "its path leads over more than 40 links")
            case .missing(let name):
                walk.enter(try tree.insert(name, in: walk.place, .unspoken, layer: layer))
            }
        }
    }

    // MARK: Links

    private mutating func link(
        _ path: MemberPath, in parent: FileTree.Number, to target: MemberPath
    ) throws(LayerError) {
        guard target != path else { return }
        guard try !makeLink(path, in: parent, to: target) else { return }
        held += path.bytes.count + target.bytes.count + 64
        guard held <= TreeExtractor.heldLimit else {
            throw .hostile(
                path.filePath,
                "the layer has more than \(TreeExtractor.heldLimit >> 20) MiB of links to wait for")
        }
        lateLinks.append((path, target))
    }

    /// - Returns: `false` where the target is not there.
    private mutating func makeLink(
        _ path: MemberPath, in parent: FileTree.Number, to target: MemberPath
    ) throws(LayerError) -> Bool {
        guard let node = try find(target, for: path) else { return false }
        let name = path.name[...]
        if tree.child(name, of: parent) == node {
            tree.stamp(node, layer)
            return true
        }
        let found = tree[node]
        guard found.traits.kind != .directory else {
            throw .hostile(path.filePath, "a hard link to a directory")
        }
        // A copy: a slice would make the tree copy all of its text.
        let text = Array(tree.target(of: node))
        if let other = tree.child(name, of: parent) {
            var above = node
            while above != FileTree.root, above != other { above = tree[above].parent }
            guard above != other else {
                throw .hostile(
                    path.filePath, "a hard link in place of the directory that its target lies in")
            }
            remove(other)
        }
        _ = try tree.insert(
            name, in: parent, found.traits, target: text[...], layer: layer, member: found.member)
        return true
    }

    /// A hard link's target; a link there is the target itself.
    private func find(_ target: MemberPath, for path: MemberPath) throws(LayerError) -> FileTree.Number? {
        var walk = PathWalk(target.parent.bytes, followsLast: true)
        switch walk.advance(in: tree) {
        case .missing: return nil
        case .arrived where tree[walk.place].traits.kind == .directory:
            return target.bytes.isEmpty ? nil : tree.child(target.name[...], of: walk.place)
        case .arrived, .notDirectory, .tooManyLinks:
            throw .hostile(
                path.filePath,
                "a hard link to \(target.filePath.escapedDescription), which leads through no directory")
        }
    }

    /// Makes the links that came before their targets.
    ///
    /// - Throws: ``LayerError`` where a target is not there, `Interruption`.
    mutating func finish() throws {
        // A link's target may be a link that waits itself: go on as long as that helps.
        var waiting = lateLinks
        while !waiting.isEmpty {
            try Interruption.check()
            var left: [(path: MemberPath, target: MemberPath)] = []
            for (path, target) in waiting {
                let parent = try enter(path.parent, for: path)
                if try !makeLink(path, in: parent, to: target) { left.append((path, target)) }
            }
            guard left.count < waiting.count else {
                throw LayerError.hostile(
                    waiting[0].path.filePath,
                    "a hard link to \(waiting[0].target.filePath.escapedDescription), which is not there")
            }
            waiting = left
        }
    }
}

extension FileTree.Traits {
    init(_ entry: TarEntry, _ kind: FileListing.Kind) {
        self.init(
            kind: kind, permissions: UInt16(truncatingIfNeeded: entry.permissions & 0o7777),
            user: entry.user, group: entry.group)
    }
}

import Linux

/// Files of an image that ``ImageFiles`` took out of its layers, to be copied.
public struct ImageSelection: Sendable {
    /// What a layer says of a file besides what the listing does.
    struct Member: Sendable {
        /// In seconds since 1970; what no layer speaks of is as old.
        var modified: Int64 = 0
        var attributes: [ExtendedAttribute] = []
        /// Where a regular file's content lies.
        var place = Spool.Place(offset: 0, size: 0)
        /// The hash of that.
        var hash: ContentHash?
        var device = (major: UInt32(0), minor: UInt32(0))
    }

    /// What a path selected.
    struct Root: Sendable {
        /// The path as it was given.
        let path: [UInt8]
        let node: FileTree.Number
        /// What is below it, a directory before what is in it; and whether each comes along, or only with something
        /// in it.
        var content: [(node: FileTree.Number, isKept: Bool)] = []
    }

    let tree: FileTree
    let spool: Spool
    private(set) var roots: [Root] = []
    /// The members that are wanted, counted over all layers.
    private(set) var wanted: Set<UInt32> = []
    /// Those that several names have.
    private var shared: Set<UInt32> = []
    /// What was found of them.
    var members: [UInt32: Member] = [:]

    init(_ tree: FileTree, _ spool: Spool) { (self.tree, self.spool) = (tree, spool) }

    /// Selects a file, or what is in a directory.
    ///
    /// - Parameters:
    ///   - path: The path as it was given.
    ///   - top: Where it leads.
    ///   - verdict: As ``CopyRules/verdict``.
    /// - Throws: ``LayerError/source(_:_:)`` for what is left out, `Interruption`.
    mutating func add(
        _ path: [UInt8], _ top: FileTree.Number,
        _ verdict: (_ path: [UInt8], _ below: [UInt8], _ isDirectory: Bool) -> CopyRules.Verdict
    ) throws {
        let real = tree.path(of: top)
        let isDirectory = tree[top].traits.kind == .directory
        guard verdict(real, [], isDirectory) != .leftOut else {
            throw LayerError.source(FileListing.filePath(path), "an ignore file or --exclude names it")
        }
        var root = Root(path: path, node: top)
        if isDirectory {
            var waiting: [FileTree.Number] = tree.sortedChildren(of: top).reversed()
            while let node = waiting.popLast() {
                try Interruption.check()
                let found = tree.path(of: node)
                let isDirectory = tree[node].traits.kind == .directory
                let verdict = verdict(found, Self.below(real, found), isDirectory)
                guard verdict == .kept || (isDirectory && verdict == .keptForContent) else { continue }
                root.content.append((node, verdict == .kept))
                want(node)
                if isDirectory { waiting += tree.sortedChildren(of: node).reversed() }
            }
        } else {
            want(top)
        }
        roots.append(root)
    }

    private mutating func want(_ node: FileTree.Number) {
        let member = tree[node].member
        // No layer speaks of it.
        guard member != 0 else { return }
        if !wanted.insert(member).inserted, tree[node].traits.kind != .directory { shared.insert(member) }
    }

    /// A path below another one.
    private static func below(_ top: [UInt8], _ path: [UInt8]) -> [UInt8] {
        Array(path.dropFirst(top.isEmpty ? 0 : top.count + 1))
    }

    /// Where a file lies below what was selected.
    func path(of node: FileTree.Number, below root: Root) -> [UInt8] {
        Self.below(tree.path(of: root.node), tree.path(of: node))
    }

    /// What is known of a file.
    ///
    /// - Throws: ``LayerError/source(_:_:)`` where the listing was not of these layers.
    func member(of node: FileTree.Number) throws(LayerError) -> Member {
        let number = tree[node].member
        guard let member = members[number] ?? (number == 0 ? Member() : nil),
            (member.hash != nil) == (tree[node].traits.kind == .regular)
        else {
            throw .source(FileListing.filePath(tree.path(of: node)), "the layers do not hold what was listed")
        }
        return member
    }

    /// The member that several selected names have; `nil` for a file of one name.
    func sharedMember(of node: FileTree.Number) -> UInt32? {
        let member = tree[node].member
        return shared.contains(member) ? member : nil
    }
}

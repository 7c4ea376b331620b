import Linux
import Tar

extension LayerPlan {
    /// Copies a file, or what is in a directory, out of an image's layers, as COPY does.
    ///
    /// What goes where is as ``copy(_:from:to:_:)`` of a directory's files says. What comes along was said when it was
    /// selected: the rules' verdict is not asked. They say whom files belong to, which is root by default.
    ///
    /// - Parameters:
    ///   - path: One of the paths that were selected, as it was given.
    ///   - selection: Holds the files.
    ///   - destination: Where to, below the image's root.
    ///   - rules: What the files become.
    /// - Throws: ``LayerError``, `Interruption`. The plan is of no use then.
    ///
    /// Source: Dockerfile reference, "COPY --from".
    public mutating func copy(
        _ path: [UInt8], from selection: ImageSelection, to destination: [UInt8], _ rules: CopyRules
    ) throws {
        guard let root = selection.roots.first(where: { $0.path == path }) else {
            throw LayerError.source(FileListing.filePath(path), "it was not selected")
        }
        if selection.tree[root.node].traits.kind == .directory {
            var levels = CopyLevels(root: try enter(destination, rules.parents))
            let copy = beginCopy()
            for (node, isKept) in root.content {
                try Interruption.check()
                let entry = try sourceEntry(node, of: selection).planned(rules, copy: copy)
                let path = selection.path(of: node, below: root)
                try levels.put(entry, at: path, isKept: isKept, in: &self, rules)
            }
        } else {
            try copyFile(sourceEntry(root.node, of: selection), path, to: destination, rules)
        }
        settleAccounts()
    }

    private func sourceEntry(
        _ node: FileTree.Number, of selection: ImageSelection
    ) throws(LayerError) -> SourceEntry {
        let member = try selection.member(of: node)
        let traits = selection.tree[node].traits
        let target = Array(selection.tree.target(of: node))
        let content: PlannedEntry.Content =
            switch traits.kind {
            case .directory: .directory
            case .regular: .spooled(selection.spool, member.place)
            case .symbolicLink: .link(target: target)
            case .fifo: .special(.fifo)
            case .characterDevice:
                .special(.characterDevice(major: member.device.major, minor: member.device.minor))
            case .blockDevice:
                .special(.blockDevice(major: member.device.major, minor: member.device.minor))
            }
        return SourceEntry(
            original: FileListing.Entry(
                kind: traits.kind, target: target, permissions: UInt32(traits.permissions),
                user: traits.user, group: traits.group),
            modified: member.modified, content: content,
            extended: member.attributes.filter { filter.keeps($0.name) },
            file: selection.sharedMember(of: node).map { .member($0) })
    }
}

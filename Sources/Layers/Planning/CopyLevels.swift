/// The directories that a copy is in, from what is copied down to the last one.
struct CopyLevels {
    private struct Level {
        /// Its path in the source and a `/`; empty for what is copied.
        let path: [UInt8]
        /// Where it is in the image, once it is there.
        var node: FileTree.Number?
        /// What it becomes as soon as something in it comes along.
        var waiting: (name: [UInt8], entry: PlannedEntry)?
    }

    private var levels: [Level]

    /// - Parameter root: Where what is in the copied directory goes.
    init(root: FileTree.Number) { levels = [Level(path: [], node: root)] }

    /// Puts an entry into the plan, and what waited above it; a directory that is not kept waits itself.
    ///
    /// - Parameters:
    ///   - entry: What it becomes.
    ///   - path: Where it is below what is copied. What lies in a directory comes behind it, and before all others.
    ///   - isKept: Whether it comes along, or only with something in it.
    ///   - plan: The plan.
    ///   - rules: The copy's.
    /// - Throws: ``LayerError``.
    mutating func put(
        _ entry: PlannedEntry, at path: [UInt8], isKept: Bool, in plan: inout LayerPlan, _ rules: CopyRules
    ) throws(LayerError) {
        while let last = levels.last, !path.starts(with: last.path) { levels.removeLast() }
        let name = Array(path[(path.lastIndex(of: 47).map { $0 + 1 } ?? 0)...])
        var level = Level(path: path + [47], node: nil, waiting: (name, entry))
        if isKept {
            let parent = try arrive(in: &plan, rules)
            level.node = try plan.put(entry, name, in: parent, rules.parents)
        }
        if case .directory = entry.content { levels.append(level) }
    }

    /// Makes the directories that waited for something to come along.
    private mutating func arrive(
        in plan: inout LayerPlan, _ rules: CopyRules
    ) throws(LayerError) -> FileTree.Number {
        var parent = FileTree.root
        for index in levels.indices {
            if let node = levels[index].node {
                parent = node
            } else if let waiting = levels[index].waiting {
                parent = try plan.put(waiting.entry, waiting.name, in: parent, rules.parents)
                levels[index].node = parent
            }
        }
        return parent
    }
}

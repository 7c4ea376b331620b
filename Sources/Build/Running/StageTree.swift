import Layers
import Linux
import OCI
import SystemPackage

/// A stage's files on the disk, in which its programs run one after the other.
final class StageTree {
    /// What a program changed, and what becomes of it once a layer was made of that.
    struct Change {
        let changes: TreeChanges
        /// Where the layer stands with those below it; without a call the change is forgotten.
        let keep: (_ layers: [StageLayer]) throws -> Void
    }

    /// A tree of the stage's own, for want of overlays.
    private struct Own {
        let path: FilePath
        /// What is there beside the stage's files; `nil` for nothing.
        var kept: KeptPaths?
        var diffIDs: [Digest] = []
        var snapshot: TreeSnapshot?
    }

    private let trees: ImageTrees
    private let session: BuildSession
    private var own: Own?

    init(_ trees: ImageTrees, _ session: BuildSession) { (self.trees, self.session) = (trees, session) }

    deinit { if let own { trees.remove(own.path) } }

    /// Lets something change the files of an image.
    ///
    /// - Parameters:
    ///   - layers: The image's.
    ///   - body: Told where the files are.
    /// - Throws: What `body` throws, `LayerError`, `FileError`, and what opening a layer throws.
    /// - Returns: What it changed.
    func change(_ layers: [StageLayer], _ body: (FilePath) throws -> Void) throws -> Change {
        trees.noOverlays == nil ? try changeStack(layers, body) : try changeOwn(layers, body)
    }

    private func changeStack(_ layers: [StageLayer], _ body: (FilePath) throws -> Void) throws -> Change {
        let below = try trees.stack(of: layers, session)
        let upper = try trees.newDirectory("upper")
        do {
            try trees.withOverlay(of: below, changing: upper, body)
            let changes = try TreeChanges(
                in: TreeSnapshot(of: Directory.open(upper), jobs: session.jobs),
                over: below.map { try OverlayLayer(Directory.open($0)) }, session.filter,
                leavingOut: session.ignoredPaths)
            return Change(changes: changes) { [trees, session] layers in
                try changes.setTimes(latestTime: session.latestTime)
                try trees.keep(upper, over: below, as: layers)
            }
        } catch {
            trees.remove(upper)
            throw error
        }
    }

    private func changeOwn(_ layers: [StageLayer], _ body: (FilePath) throws -> Void) throws -> Change {
        try bringOwn(to: layers)
        guard let own else { preconditionFailure("a tree that was made is none") }
        let root = try Directory.open(own.path)
        func snapshot() throws -> TreeSnapshot {
            try TreeSnapshot(of: root, leavingOut: own.kept?.all ?? [], jobs: session.jobs)
        }
        var before = try own.snapshot ?? snapshot()
        before.settle()
        try body(own.path)
        let after = try snapshot()
        let changes = try TreeChanges(
            from: before, to: after, session.filter, leavingOut: session.ignoredPaths
        ) { paths in
            try earlierFiles(at: paths, layers)
        }
        func keep() throws {
            self.own?.snapshot = try changes.setTimes(latestTime: session.latestTime)
        }
        // No layer is made of it then, but the tree is the next program's.
        if changes.isEmpty { try keep() }
        return Change(changes: changes) { [self] layers in
            try keep()
            self.own?.diffIDs = layers.map(\.diffID)
        }
    }

    /// What files held before a program ran: only the layers know.
    private func earlierFiles(at paths: [[UInt8]], _ layers: [StageLayer]) throws -> [EarlierFile?] {
        do {
            let files = try ImageFiles(
                layers.map { try session.contents(of: $0) }, listed: session.listing(of: layers))
            return try files.earlierFiles(at: paths, session.filter)
        } catch {
            throw session.blame(error, layers)
        }
    }

    /// Makes the tree, or puts what is new over it.
    private func bringOwn(to layers: [StageLayer]) throws {
        let wanted = layers.map(\.diffID)
        if let own, own.diffIDs != Array(wanted.prefix(own.diffIDs.count)) {
            trees.remove(own.path)
            self.own = nil
        }
        if own == nil { own = try newOwn() }
        guard let known = own, known.diffIDs.count < layers.count else { return }
        try trees.apply(
            Array(layers[known.diffIDs.count...]), at: known.path,
            isEmpty: known.diffIDs.isEmpty && known.kept == nil, keeping: known.kept, session)
        own?.diffIDs = wanted
        own?.snapshot = nil
    }

    private func newOwn() throws -> Own {
        guard let root = session.request.run.inplaceRoot else {
            return Own(path: try trees.newDirectory("tree"))
        }
        return Own(path: "/", kept: try root.clear(for: session.request, session.contexts))
    }
}

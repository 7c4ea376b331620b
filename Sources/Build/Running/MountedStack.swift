import Linux
import SystemPackage

/// A stack of directories that is mounted for as long as this lives.
final class MountedStack {
    /// Where its files are seen.
    let path: FilePath
    private var mount: OverlayMount?
    private let directories: [FilePath]
    private let trees: ImageTrees

    /// - Parameters:
    ///   - below: Its directories, the uppermost first.
    ///   - upper: What gets the changes; `nil` for nobody.
    ///   - trees: Where all of them are.
    /// - Throws: `FileError`, `ThreadError`.
    init(_ below: [FilePath], upper: FilePath?, in trees: ImageTrees) throws {
        let changed = try upper ?? trees.newDirectory("upper")
        let (work, place) = (try trees.newDirectory("work"), try trees.newDirectory("tree"))
        directories = [work, place] + (upper == nil ? [changed] : [])
        self.trees = trees
        path = place
        if let top = below.first { try Directory.open(changed).takeAttributes(of: Directory.open(top)) }
        // By their names alone, or no more than some dozens would fit into the page that the kernel reads.
        func name(_ path: FilePath) -> FilePath {
            FilePath(root: nil, [path.lastComponent].compactMap(\.self))
        }
        mount = try OverlayMount(
            lower: below.map(name), upper: name(changed), work: name(work), at: name(place),
            in: trees.scratchPath)
    }

    deinit {
        // What is mounted on a directory keeps it.
        mount = nil
        for path in directories { trees.remove(path) }
    }
}

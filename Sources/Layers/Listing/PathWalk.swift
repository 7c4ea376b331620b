/// A path on its way through a ``FileTree``, as if the tree's root was `/`: links never lead out, and `..` ends there.
///
/// Source: openat2(2), RESOLVE_IN_ROOT; path_resolution(7).
struct PathWalk {
    /// Why a walk does not go on.
    enum Stop {
        /// It is through; ``PathWalk/place`` is there.
        case arrived
        /// The directory has no such name.
        case missing(ArraySlice<UInt8>)
        /// Something else than a directory, and the path goes on behind it.
        case notDirectory(FileTree.Number)
        /// More than 40 links.
        case tooManyLinks(FileTree.Number)
    }

    /// Where the walk is: a directory, unless it has arrived.
    private(set) var place = FileTree.root
    /// What is still to be gone, the next component last.
    private var pending: [ArraySlice<UInt8>]
    private let followsLast: Bool
    private var links = 40

    /// - Parameters:
    ///   - path: Bytes, in no encoding; `.` and empty components mean nothing.
    ///   - followsLast: Whether a link at the end leads on.
    init(_ path: some Collection<UInt8>, followsLast: Bool) {
        pending = Self.components(Array(path)[...]).reversed()
        self.followsLast = followsLast
    }

    /// The components of a path but `.`, which names nothing.
    static func components(_ path: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        path.split(separator: 47).filter { !$0.elementsEqual([46]) }
    }

    /// Takes the next component as it stands: behind one that is missing there is nothing to follow.
    mutating func takeComponent() -> ArraySlice<UInt8>? { pending.popLast() }

    /// Goes on as far as possible.
    mutating func advance(in tree: FileTree) -> Stop {
        while let name = pending.popLast() {
            if name.elementsEqual([46, 46]) {
                place = tree[place].parent
                continue
            }
            guard let child = tree.child(name, of: place) else { return .missing(name) }
            switch tree[child].traits.kind {
            case .directory:
                place = child
            case .symbolicLink where followsLast || !pending.isEmpty:
                links -= 1
                guard links >= 0 else { return .tooManyLinks(child) }
                // A copy: a slice would make the tree copy all of its text when a name is added on the way.
                let target = Array(tree.target(of: child))
                if target.first == 47 { place = FileTree.root }
                pending += Self.components(target[...]).reversed()
            default:
                guard pending.isEmpty else { return .notDirectory(child) }
                place = child
            }
        }
        return .arrived
    }

    /// Goes into a directory that was made in place of a missing one.
    mutating func enter(_ directory: FileTree.Number) { place = directory }
}

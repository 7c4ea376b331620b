import Linux
import SystemPackage

/// The files of an image: what each is and whom it belongs to, without their content.
///
/// Made by reading layers, never by unpacking them, and equal to what
/// ``LayerUnpacker`` makes of the same layers. Needs about 70 bytes an entry and
/// its name; copies share their memory until one of them changes.
public struct FileListing: Sendable {
    /// The kind of a file.
    public enum Kind: UInt8, Sendable {
        case regular = 1
        case directory, symbolicLink, fifo, characterDevice, blockDevice
    }

    /// What a name stands for.
    public struct Entry: Equatable, Sendable {
        /// The kind of file.
        public let kind: Kind
        /// A symbolic link's target, as it stands; else empty.
        public let target: [UInt8]
        /// Permissions with setuid, setgid and sticky: 12 bits.
        public let permissions: UInt32
        /// The owner's number.
        public let user: UInt32
        /// The group's number.
        public let group: UInt32
    }

    var tree = FileTree()
    /// What `etc/passwd` and `etc/group` hold.
    public internal(set) var accounts = AccountFiles()
    /// What is known to be in files, by their members.
    var known: [UInt32: AccountFiles.Content] = [:]
    /// How many layers were put in.
    var layers: UInt32 = 0
    /// How many members these had.
    var members: UInt32 = 0
    /// The last member of each layer; `nil` where something else than layers was put in, and members mean nothing.
    var ends: [UInt32]? = []

    /// An image without files: `scratch`.
    public init() {}

    /// How many files there are, without the root.
    public var count: Int { tree.count - 1 }

    /// Hands out every file but the root: a directory before what is in it, by the bytes of the names.
    public func forEach(_ body: (_ path: [UInt8], Entry) throws -> Void) rethrows {
        try walk { path, node in
            try body(path, entry(node))
            return true
        }
    }

    /// The paths of files that are wanted, in the order of ``forEach(_:)``: for patterns.
    ///
    /// - Parameters:
    ///   - isEntered: Whether something in a directory may be wanted.
    ///   - isWanted: Decides on a file.
    /// - Returns: Paths below the root; no component but the last one is a link.
    public func paths(
        enteringWhere isEntered: (_ path: [UInt8]) throws -> Bool,
        where isWanted: (_ path: [UInt8], Entry) throws -> Bool
    ) rethrows -> [[UInt8]] {
        var found: [[UInt8]] = []
        try walk { path, node in
            if try isWanted(path, entry(node)) { found.append(path) }
            return try tree[node].traits.kind == .directory && isEntered(path)
        }
        return found
    }

    /// - Parameter body: Says whether to go into what it is told.
    private func walk(_ body: (_ path: [UInt8], FileTree.Number) throws -> Bool) rethrows {
        var waiting: [(node: FileTree.Number, length: Int)] =
            tree.sortedChildren(of: FileTree.root).reversed().map { ($0, 0) }
        var path: [UInt8] = []
        while let (node, length) = waiting.popLast() {
            path.removeLast(path.count - length)
            path += tree.name(of: node)
            guard try body(path, node), tree[node].firstChild != FileTree.none else { continue }
            path.append(47)
            waiting += tree.sortedChildren(of: node).reversed().map { ($0, path.count) }
        }
    }

    func entry(_ node: FileTree.Number) -> Entry {
        let traits = tree[node].traits
        return Entry(
            kind: traits.kind, target: Array(tree.target(of: node)),
            permissions: UInt32(traits.permissions), user: traits.user, group: traits.group)
    }

    /// A path for messages.
    static func filePath(_ path: some Collection<UInt8>) -> FilePath {
        FilePath(bytes: path.isEmpty ? [46] : Array(path.first == 47 ? path.dropFirst() : path[...]))
    }
}

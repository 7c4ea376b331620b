import Glibc
import SystemPackage

/// Visits a directory tree: parents before children, each directory by the bytes of its names.
///
/// Holds two descriptors whatever the depth, never follows a link, and never
/// uses a path: it goes down with openat(2) and up by `..`, and looks each time
/// whether it arrived where it should.
public struct TreeWalk: ~Copyable {
    /// What was met.
    public struct Entry: Sendable {
        /// Its path below the root: bytes, `/` between components, none in front.
        public let path: [UInt8]
        /// Its name in its directory.
        public let name: FileName
        /// What lstat(2) says of it.
        public let status: FileStatus
    }

    private struct Level {
        var names: [FileName]
        var next = 0
        let status: FileStatus
        let pathLength: Int
    }

    /// The directory that holds the entry met last.
    public private(set) var directory: Directory
    private let rootPath: FilePath
    private var levels: [Level]
    private var path: [UInt8]
    private var descent: Entry?

    /// Begins a walk; the root itself is no entry.
    public init(of root: borrowing Directory) throws(FileError) {
        let status = try root.status()
        let names = try root.names().sorted()
        let directory = try root.duplicate()
        rootPath = root.path
        levels = [Level(names: names, status: status, pathLength: 0)]
        self.directory = directory
        path = []
        descent = nil
    }

    /// The next entry.
    ///
    /// - Returns: `nil` after the last.
    /// - Throws: ``FileError``; `ESTALE` when a directory was moved, replaced or changed during the walk,
    ///   `ENOENT` when an entry vanished.
    public mutating func next() throws(FileError) -> Entry? {
        if let entry = descent {
            descent = nil
            try descend(into: entry)
        }
        while true {
            let level = levels[levels.count - 1]
            guard level.next < level.names.count else {
                guard try ascend() else { return nil }
                continue
            }
            levels[levels.count - 1].next += 1
            let name = level.names[level.next]
            let status = try directory.status(of: name)
            path.removeLast(path.count - level.pathLength)
            if !path.isEmpty { path.append(47) }
            path += name.bytes
            let entry = Entry(path: path, name: name, status: status)
            if status.kind == .directory { descent = entry }
            return entry
        }
    }

    /// Leaves out what is below the directory that was met last.
    public mutating func skipChildren() { descent = nil }

    private mutating func descend(into entry: Entry) throws(FileError) {
        var child = try directory.openDirectory(entry.name)
        guard try child.status() == entry.status else {
            throw FileError("enter", location(entry.path), .staleNFSFileHandle)
        }
        let names = try child.names().sorted()
        levels.append(Level(names: names, status: entry.status, pathLength: entry.path.count))
        path = entry.path
        child.relocate(to: .below(rootPath, path))
        directory = child
    }

    private mutating func ascend() throws(FileError) -> Bool {
        let left = levels.removeLast()
        path.removeLast(path.count - left.pathLength)
        // Names added or removed after they were listed: the archive would hold neither the old nor the new state.
        guard try directory.status() == left.status else {
            throw FileError("list", location(path), .staleNFSFileHandle)
        }
        guard let parent = levels.last else { return false }
        let descriptor = retrying { openat(directory.descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError("leave", location(path), .current) }
        let arrived = Directory(
            owning: descriptor, at: .below(rootPath, Array(path.prefix(parent.pathLength))))
        let status = try arrived.status()
        guard status.identity == parent.status.identity else {
            throw FileError("leave", location(path), .staleNFSFileHandle)
        }
        guard status == parent.status else {
            throw FileError("list", arrived.path, .staleNFSFileHandle)
        }
        directory = arrived
        return true
    }

    private func location(_ path: [UInt8]) -> FilePath { Location.below(rootPath, path).path }
}

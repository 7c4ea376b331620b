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
        /// What lstat(2) says of it; `nil` for a regular file.
        ///
        /// Whoever opens a file asks the file itself, and knows then that it is the one.
        public let status: FileStatus?
    }

    private struct Level {
        let entries: [Directory.Listed]
        var next = 0
        let status: FileStatus
        /// Of its path and the `/` behind it.
        let pathLength: Int

        init(_ entries: [Directory.Listed], status: FileStatus, pathLength: Int) {
            self.entries = entries.sorted { $0.name < $1.name }
            (self.status, self.pathLength) = (status, pathLength)
        }
    }

    /// The directory that holds the entry met last.
    public private(set) var directory: Directory
    /// How many directories below the root the entry met last lies in.
    public var depth: Int { levels.count - 1 }
    private let rootPath: FilePath
    private var levels: [Level]
    /// The path of the directory that holds the entry met last, and a `/` behind it.
    private var path: [UInt8]
    /// The directory that was met last, unless it is left out.
    private var descent: (entry: Entry, status: FileStatus)?
    /// That directory, once it is open.
    private var child: Directory?

    /// Begins a walk; the root itself is no entry.
    public init(of root: borrowing Directory) throws(FileError) {
        let status = try root.status()
        let entries = try root.entries()
        let directory = try root.duplicate()
        rootPath = root.path
        levels = [Level(entries, status: status, pathLength: 0)]
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
        try descend()
        while true {
            let level = levels[levels.count - 1]
            guard level.next < level.entries.count else {
                guard try ascend() else { return nil }
                continue
            }
            levels[levels.count - 1].next += 1
            let listed = level.entries[level.next]
            let status = listed.kind == .regular ? nil : try directory.status(of: listed.name)
            let entry = Entry(
                path: path + listed.name.bytes, name: listed.name,
                status: status?.kind == .regular ? nil : status)
            if let status, status.kind == .directory { descent = (entry, status) }
            return entry
        }
    }

    /// Leaves out what is below the directory that was met last.
    public mutating func skipChildren() {
        descent = nil
        child = nil
    }

    /// The extended attributes of the directory that was met last; none when the last entry was no directory.
    public mutating func attributesOfDirectory(
        where isWanted: ([UInt8]) -> Bool
    ) throws(FileError) -> [ExtendedAttribute] {
        guard let descent else { return [] }
        let child = try open(descent.entry, descent.status)
        let attributes = try child.extendedAttributes(where: isWanted)
        self.child = consume child
        return attributes
    }

    private func open(_ entry: Entry, _ status: FileStatus) throws(FileError) -> Directory {
        let child = try directory.openDirectory(entry.name)
        guard try child.status() == status else {
            throw FileError("enter", location(entry.path), .staleNFSFileHandle)
        }
        return child
    }

    private mutating func descend() throws(FileError) {
        guard let (entry, status) = descent.take() else { return }
        var child = if let open = child.take() { open } else { try open(entry, status) }
        let entries = try child.entries()
        path += entry.name.bytes
        path.append(UInt8(ascii: "/"))
        levels.append(Level(entries, status: status, pathLength: path.count))
        child.relocate(to: .below(rootPath, entry.path))
        directory = child
    }

    private mutating func ascend() throws(FileError) -> Bool {
        let left = levels.removeLast()
        // Names added or removed after they were listed: the archive would hold neither the old nor the new state.
        guard try directory.status() == left.status else {
            throw FileError("list", directory.path, .staleNFSFileHandle)
        }
        guard let parent = levels.last else { return false }
        path.removeLast(path.count - parent.pathLength)
        let descriptor = retrying { openat(directory.descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError("leave", directory.path, .current) }
        let arrived = Directory(owning: descriptor, at: .below(rootPath, Array(path.dropLast())))
        let status = try arrived.status()
        guard status.identity == parent.status.identity else {
            throw FileError("leave", directory.path, .staleNFSFileHandle)
        }
        guard status == parent.status else {
            throw FileError("list", arrived.path, .staleNFSFileHandle)
        }
        directory = arrived
        return true
    }

    private func location(_ path: [UInt8]) -> FilePath { Location.below(rootPath, path).path }
}

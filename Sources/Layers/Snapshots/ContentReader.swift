import Cryptography
import Linux

/// Reads what files of a snapshot hold, which must be what they were when it was taken.
struct ContentReader {
    private let tree: TreeSnapshot
    /// The directory of the last file: mostly the next one's, too.
    private var place: Place?
    private var buffer: [UInt8] = []

    /// A directory that stays open.
    final class Place {
        let folder: Int
        let directory: Directory

        init(_ directory: consuming Directory, _ folder: Int) {
            self.directory = directory
            self.folder = folder
        }
    }

    init(_ tree: TreeSnapshot) { self.tree = tree }

    /// Opens a directory of the tree; no link is followed.
    mutating func open(_ folder: Int) throws -> Place {
        if let place, place.folder == folder { return place }
        let found = Place(try tree.root.directory.openBelow(tree.path(of: folder)), folder)
        place = found
        return found
    }

    func name(of entry: Int, in folder: Int) -> FileName {
        FileName(tree.name(of: entry, in: tree.folders[folder]))
    }

    /// Opens a file.
    ///
    /// - Throws: ``LayerError/changed(_:_:)`` where it is no longer the one that the snapshot has, `FileError`.
    mutating func openFile(_ entry: Int, in folder: Int) throws -> Opened {
        let file = try open(folder).directory.openFile(name(of: entry, in: folder))
        let status = try file.status()
        guard tree.record(entry, in: tree.folders[folder]).matches(status) else {
            throw changed(entry, in: folder)
        }
        return Opened(file: file, status: status)
    }

    /// An open file, and what it was then.
    struct Opened: ~Copyable {
        let file: File
        let status: FileStatus
    }

    func changed(_ entry: Int, in folder: Int) -> LayerError {
        .changed(
            tree.location(tree.path(of: entry, in: folder)),
            "it is not what it was when the tree was looked at")
    }

    /// The attributes of an entry that are wanted.
    mutating func attributes(
        of entry: Int, in folder: Int, where isWanted: ([UInt8]) -> Bool, _ filter: AttributeFilter
    ) throws -> [ExtendedAttribute] {
        let name = name(of: entry, in: folder)
        let directory = try open(folder)
        switch tree.record(entry, in: tree.folders[folder]).kind {
        case .directory:
            return try directory.directory.openDirectory(name).extendedAttributes(where: isWanted)
        case .regular: return try openFile(entry, in: folder).file.extendedAttributes(where: isWanted)
        // Only `security.*` and `trusted.*` can be on a link, and none of the usual ones is.
        case .symbolicLink where !filter.isWidened: return []
        default: return try directory.directory.extendedAttributes(of: name, where: isWanted)
        }
    }

    mutating func target(of entry: Int, in folder: Int) throws -> [UInt8] {
        try open(folder).directory.linkTarget(of: name(of: entry, in: folder))
    }

    /// The SHA-256 value of a file's content.
    mutating func hash(of entry: Int, in folder: Int) throws -> ContentHash {
        let opened = try openFile(entry, in: folder)
        var sha256 = try SHA256()
        while true {
            try Interruption.check()
            buffer.removeAll(keepingCapacity: true)
            guard try opened.file.read(upTo: 128 << 10, appendingTo: &buffer) > 0 else { break }
            sha256.update(buffer.span)
        }
        try opened.file.expect(opened.status)
        return ContentHash(sha256.finish())
    }
}

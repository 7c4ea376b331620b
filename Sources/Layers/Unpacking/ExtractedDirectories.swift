import Linux
import Tar

/// What the directories of a tree get once nothing is made in them any more, by their inodes.
struct ExtractedDirectories {
    private struct Note {
        let user: UInt32
        let group: UInt32
        let permissions: UInt32
        let modified: FileStatus.Time
        let attributes: [ExtendedAttribute]
    }

    private var notes: [UInt64: Note] = [:]
    private var times: [UInt64: FileStatus.Time] = [:]

    /// Remembers what a layer says of a directory, in place of what was said of that inode before.
    mutating func insert(_ inode: UInt64, _ entry: TarEntry, _ attributes: [ExtendedAttribute]) {
        notes[inode] = Note(
            user: entry.user, group: entry.group, permissions: entry.permissions, modified: entry.time,
            attributes: attributes)
    }

    /// Remembers when a directory changed, before the first change that the layers make in it.
    mutating func insert(_ inode: UInt64, modified: FileStatus.Time) {
        if times[inode] == nil { times[inode] = modified }
    }

    /// When a directory that layers made changes in changed before that.
    func time(_ inode: UInt64) -> FileStatus.Time? { times[inode] }

    /// Whether a layer said something of the directory.
    func knows(_ inode: UInt64) -> Bool { notes[inode] != nil }

    /// What the directory gets; one that no layer speaks of is root's, as old as 1970.
    func entry(_ inode: UInt64, _ path: [UInt8]) -> TarEntry {
        guard let note = notes[inode] else { return .unspoken(path) }
        var entry = TarEntry(
            path: path, kind: .directory, permissions: note.permissions, user: note.user, group: note.group,
            modified: note.modified.seconds, attributes: note.attributes.map { ($0.name, $0.value) })
        entry.nanoseconds = UInt32(clamping: note.modified.nanoseconds)
        return entry
    }
}

extension TarEntry {
    /// A directory that no layer speaks of, although something lies in it.
    static func unspoken(_ path: [UInt8]) -> TarEntry {
        TarEntry(path: path, kind: .directory, permissions: 0o755)
    }

    /// When the content changed.
    var time: FileStatus.Time { FileStatus.Time(seconds: modified, nanoseconds: Int64(nanoseconds)) }
}

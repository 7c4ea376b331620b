import Linux
import Tar

/// What the directories of a tree get once nothing is made in them any more.
struct ExtractedDirectories {
    private struct Note {
        let user: UInt32
        let group: UInt32
        let permissions: UInt32
        let modified: FileStatus.Time
        let attributes: [ExtendedAttribute]
        let time: Int
    }

    private var notes: [[UInt8]: Note] = [:]
    /// When a directory of this path was removed, on a clock that ticks with each call.
    private var removals: [[UInt8]: Int] = [:]
    private var clock = 0

    /// Remembers what a layer says of a directory, in place of what an earlier one said.
    mutating func insert(_ path: MemberPath, _ entry: TarEntry) {
        clock += 1
        notes[path.bytes] = Note(
            user: entry.user, group: entry.group, permissions: entry.permissions, modified: entry.time,
            attributes: entry.attributes.map { ExtendedAttribute(name: $0.name, value: $0.value) },
            time: clock)
    }

    /// Remembers that the directory went, and all below it.
    mutating func remove(_ path: MemberPath) {
        clock += 1
        notes[path.bytes] = nil
        removals[path.bytes] = clock
    }

    /// The directories that are still there, each before the one it is in.
    func forEachFromBelow(_ body: (MemberPath, TarEntry) throws -> Void) throws {
        for path in notes.keys.sorted(by: { $1.lexicographicallyPrecedes($0) }) {
            guard let note = notes[path], let path = try? MemberPath(path, limit: .max) else { continue }
            var above = path
            var isThere = true
            while isThere, !above.bytes.isEmpty, !removals.isEmpty {
                isThere = (removals[above.bytes] ?? 0) < note.time
                above = above.parent
            }
            guard isThere else { continue }
            var entry = TarEntry(
                path: path.bytes, kind: .directory, permissions: note.permissions, user: note.user,
                group: note.group, modified: note.modified.seconds,
                attributes: note.attributes.map { ($0.name, $0.value) })
            entry.nanoseconds = UInt32(clamping: note.modified.nanoseconds)
            try body(path, entry)
        }
    }
}

extension TarEntry {
    /// When the content changed.
    var time: FileStatus.Time { FileStatus.Time(seconds: modified, nanoseconds: Int64(nanoseconds)) }
}

public import Linux
import SystemPackage

/// What a tree was at one time: every name in it, and what lstat(2) said of its file.
///
/// Needs 56 bytes for an entry and its name. What is mounted in the tree is not looked at.
///
/// The tree's directory stays open as long as somebody holds the snapshot.
public struct TreeSnapshot: Sendable {
    /// A directory of the tree, which others refer to by its number; the root's is 0.
    struct Folder: Sendable {
        /// The directory that it lies in; the root's own is the root.
        var parent: UInt32 = 0
        /// Its entry in the table of that directory.
        var entry: UInt32 = 0
        /// The table that holds what is in it.
        var table: UInt16 = 0
        /// Where in the table, in the order of the names.
        var entries = 0..<0
    }

    /// Shared by all copies.
    final class Root: Sendable {
        let directory: Directory
        let status: FileStatus
        let attributes: [ExtendedAttribute]

        init(_ directory: borrowing Directory) throws(FileError) {
            self.directory = try directory.duplicate()
            status = try directory.status()
            // What was opened to be gone through alone has attributes for nobody.
            attributes = try directory.openDirectory(".").extendedAttributes { _ in true }
        }
    }

    private(set) var root: Root
    private(set) var tables: [EntryTable]
    let folders: [Folder]
    /// Paths that were left out.
    let leftOut: Set<[UInt8]>
    /// A change after this time gives a file another time than the snapshot has, unless that is too near to it.
    private(set) var taken: FileStatus.Time

    /// Looks at a tree, which nobody changes meanwhile.
    ///
    /// - Parameters:
    ///   - root: The tree's root.
    ///   - leftOut: Paths below it, without `/` in front, that are not looked at, with all that is below them.
    ///   - jobs: Threads that look.
    /// - Throws: ``LayerError/changed(_:_:)``, ``LayerError/unreadable(_:more:)``, `FileError`, `ThreadError`,
    ///   `Interruption`.
    public init(of root: borrowing Directory, leavingOut leftOut: [[UInt8]] = [], jobs: Int) throws {
        taken = Machine.now
        do {
            let root = try Root(root)
            let walk = ParallelWalk(root, leavingOut: leftOut)
            (tables, folders) = try walk.run(jobs: jobs)
            self.root = root
        } catch let error as FileError {
            throw LayerPlan.meaning(of: error)
        }
        self.leftOut = Set(leftOut)
    }

    /// How many entries there are, without the root.
    public var count: Int { tables.reduce(0) { $0 + $1.records.count } }

    /// Waits until a change gives every file another time than the snapshot has: 20 ms at most.
    ///
    /// To be called right before a program runs in the tree, which nobody has changed since the snapshot was taken.
    /// Without it a comparison is as right, and looks at the content of files that were changed just before.
    public mutating func settle() {
        var newest = root.status.changed
        for table in tables {
            for record in table.records {
                let changed = record.changed
                if changed.seconds > newest.seconds
                    || (changed.seconds == newest.seconds && changed.nanoseconds > newest.nanoseconds)
                {
                    newest = changed
                }
            }
        }
        if !ContentDigests.isSettled(newest, at: Machine.now) { Machine.sleep(milliseconds: 21) }
        taken = Machine.now
    }

    /// Notes what an entry is now that its time was set.
    mutating func renew(_ entry: Int, in table: Int, _ status: FileStatus) {
        tables[table].renew(entry, status)
    }

    /// Sets when the root changed.
    mutating func setRootModified(_ time: FileStatus.Time) throws(FileError) {
        try root.directory.setModified(of: ".", time)
        root = try Root(root.directory)
    }

    // MARK: Entries

    func record(_ entry: Int, in folder: Folder) -> EntryTable.Record {
        tables[Int(folder.table)].records[entry]
    }

    func name(of entry: Int, in folder: Folder) -> ArraySlice<UInt8> {
        tables[Int(folder.table)].name(of: entry)
    }

    /// The entry of a directory that has a name.
    func entry(named name: ArraySlice<UInt8>, in folder: Folder) -> Int? {
        var range = folder.entries
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let found = self.name(of: middle, in: folder)
            if found == name { return middle }
            range =
                found.lexicographicallyPrecedes(name)
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// The path of a directory below the root.
    func path(of folder: Int) -> [UInt8] {
        var names: [ArraySlice<UInt8>] = []
        var number = folder
        while number != 0 {
            let above = folders[Int(folders[number].parent)]
            names.append(name(of: Int(folders[number].entry), in: above))
            number = Int(folders[number].parent)
        }
        return Array(names.reversed().joined(separator: [47]))
    }

    /// The path of an entry below the root.
    func path(of entry: Int, in folder: Int) -> [UInt8] {
        let above = path(of: folder)
        return (above.isEmpty ? [] : above + [47]) + name(of: entry, in: folders[folder])
    }

    /// A path for messages.
    func location(_ path: [UInt8]) -> FilePath {
        FilePath(bytes: root.directory.path.bytes + [47] + path)
    }
}

extension EntryTable.Record {
    /// Whether a file is still the one that was met, and neither content nor attributes changed.
    func matches(_ status: FileStatus) -> Bool {
        kind == status.kind && inode == status.identity.inode && modified == status.modified
            && changed == status.changed && (kind != .regular || extent == status.size)
    }

    /// Whether a file shows what an earlier one showed: all but when its attributes changed, and which file it is.
    func looks(like earlier: EntryTable.Record) -> Bool {
        kind == earlier.kind && permissions == earlier.permissions && user == earlier.user
            && group == earlier.group && modified == earlier.modified
            && (kind == .directory || extent == earlier.extent)
    }
}

import Images
import Linux
import OCI
import SystemPackage

extension CacheStore {
    /// A directory of the cache.
    enum Folder: CaseIterable { case blobs, entries, listings, files, places }

    /// A file of the cache.
    struct Item {
        let folder: Folder
        let name: FileName
        /// Bytes that it takes.
        let size: Int64
        /// When it was used last, in seconds and nanoseconds since 1970.
        let lastUsed: FileStatus.Time
    }

    /// Counts what was removed.
    struct Freed: Hashable {
        /// How many files.
        var files = 0
        /// Their bytes.
        var bytes: Int64 = 0
    }

    private func withFolder<Value>(
        _ folder: Folder, _ body: (borrowing Directory) throws -> Value
    ) rethrows -> Value {
        switch folder {
        case .blobs: try body(blobs)
        case .entries: try body(entries)
        case .listings: try body(listings)
        case .files: try body(files)
        case .places: try body(places)
        }
    }

    /// All files but those that are being written.
    ///
    /// - Throws: `FileError`.
    func items() throws -> [Item] {
        var items: [Item] = []
        for folder in Folder.allCases {
            try withFolder(folder) { directory in
                for name in try directory.names() where name.bytes.first != UInt8(ascii: ".") {
                    // One that somebody removes meanwhile is none.
                    guard let status = try? directory.status(of: name) else { continue }
                    items.append(
                        Item(folder: folder, name: name, size: status.size, lastUsed: status.modified))
                }
            }
        }
        return items
    }

    /// Removes what was not used for longest, until the rest is small enough; the lock is the caller's alone.
    ///
    /// - Parameters:
    ///   - size: Bytes that may stay.
    ///   - time: What was used last before it goes, in seconds since 1970.
    /// - Returns: What was removed, with what killed builds left.
    /// - Throws: `FileError`, `Interruption`.
    func prune(keeping size: Int64, since time: Int64? = nil) throws -> Freed {
        var freed = Freed()
        for folder in Folder.allCases { try withFolder(folder) { try sweep($0, &freed) } }
        let items = try items().sorted { first, second in
            (first.lastUsed.seconds, first.lastUsed.nanoseconds, first.name)
                < (second.lastUsed.seconds, second.lastUsed.nanoseconds, second.name)
        }
        var left = items.reduce(Int64(0)) { $0.addingReportingOverflow($1.size).partialValue }
        for item in items {
            guard left > size || time.map({ item.lastUsed.seconds < $0 }) == true else { break }
            try Interruption.check()
            left -= item.size
            try remove(item, &freed)
        }
        try removeIdleEntries(&freed)
        try removeMounts(&freed) { used in size < 0 || time.map { used.seconds < $0 } == true }
        return freed
    }

    /// Removes directories that programs share; a limit on the cache's size touches none, for what is in them belongs to
    /// the programs.
    private func removeMounts(_ freed: inout Freed, where isWanted: (FileStatus.Time) -> Bool) throws {
        guard let mounts = try? home.openDirectory(CacheMounts.folder) else { return }
        for name in try mounts.names() {
            guard let status = try? mounts.status(of: name), isWanted(status.modified) else { continue }
            var walk = try TreeWalk(of: mounts.openDirectory(name))
            while let entry = try walk.next() {
                try Interruption.check()
                guard entry.status == nil else { continue }
                freed.files += 1
                freed.bytes += try walk.directory.status(of: entry.name).size
            }
            _ = try mounts.removeTree(name)
        }
    }

    /// Removes what stands for nothing any more: the layer went before its entry.
    private func removeIdleEntries(_ freed: inout Freed) throws {
        for item in try items() where item.folder == .entries {
            guard let key = Digest(blobName: item.name),
                let content = try? read(key, in: entries, limit: CacheEntry.limit, isUse: false),
                EmptyEntry(parsing: content) != nil
                    || CacheEntry(parsing: content).map({ holds($0.layer.descriptor) }) == true
            else {
                try remove(item, &freed)
                continue
            }
        }
    }

    private func remove(_ item: Item, _ freed: inout Freed) throws {
        try withFolder(item.folder) { _ = try $0.removeTree(item.name) }
        freed.files += 1
        freed.bytes += item.size
    }

    /// Nobody else uses the cache: what has a temporary name is a killed build's.
    private func sweep(_ directory: borrowing Directory, _ freed: inout Freed) throws {
        let names = try directory.names().filter { $0.bytes.first == UInt8(ascii: ".") }
        let sizes = names.map { (try? directory.status(of: $0).size) ?? 0 }
        try directory.sweep()
        for (name, size) in zip(names, sizes) where (try? directory.status(of: name)) == nil {
            freed.files += 1
            freed.bytes += size
        }
    }

    /// The bytes of all files.
    ///
    /// - Throws: `FileError`.
    func size() throws -> Int64 {
        try items().reduce(0) { $0.addingReportingOverflow($1.size).partialValue }
    }

    /// Removes what is too much, unless somebody else uses the cache: then that one does.
    ///
    /// This process does not use it any more.
    func pruneIfAlone(keeping limit: Int64) throws {
        guard try size() > limit, home.tryLock() else { return }
        // The next build need not wait until this process ends.
        defer { _ = home.tryLockShared() }
        _ = try prune(keeping: limit)
    }
}

import Linux

extension TreeChanges {
    /// Gives files the times that they have in the layer, and the root its time from before where the layer does not
    /// name it.
    ///
    /// Whoever comes later sees in the tree what it would see in one that was made of the layer: which of the two it is
    /// depends on what was kept, and no layer may.
    ///
    /// - Parameter latestTime: The latest time of a file in the layer, in seconds since 1970.
    /// - Throws: `FileError`, `Interruption`.
    /// - Returns: The tree as it is then.
    @discardableResult
    public func setTimes(latestTime: Int64?) throws -> TreeSnapshot {
        var tree = tree
        var reader = ContentReader(tree)
        // Of several names of a file one is enough: setting the time once more would change what the others' records say.
        var set: Set<UInt64> = []
        for folder in tree.folders.indices {
            let (table, entries) = (Int(tree.folders[folder].table), tree.folders[folder].entries)
            for entry in entries where isNamed[table][entry] {
                try Interruption.check()
                let record = tree.tables[table].records[entry]
                let time = record.modified.inLayer(latestTime: latestTime)
                if time == record.modified { continue }
                let isLinked = record.hasSeveralNames && record.kind != .directory
                let place = try reader.open(folder)
                let name = reader.name(of: entry, in: folder)
                if !isLinked || set.insert(record.inode).inserted {
                    try place.directory.setModified(of: name, time)
                }
                tree.renew(entry, in: table, try place.directory.status(of: name))
            }
        }
        let time = namesRoot ? tree.root.status.modified.inLayer(latestTime: latestTime) : rootModified
        if let time, time != tree.root.status.modified { try tree.setRootModified(time) }
        return tree
    }
}

extension FileStatus.Time {
    /// The time that a layer gives a file: whole seconds, and none that is later than the latest.
    func inLayer(latestTime: Int64?) -> FileStatus.Time {
        FileStatus.Time(seconds: min(seconds, latestTime ?? .max), nanoseconds: 0)
    }
}

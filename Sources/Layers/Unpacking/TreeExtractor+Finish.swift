import Linux
import SystemPackage
import Tar

/// A device of an image that is not in a plain user's tree.
struct LeftOutDevice {
    let path: [UInt8]
    let inode: UInt64
    let kind: TarEntry.Kind
    let modified: FileStatus.Time
}

extension TreeExtractor {
    /// Gives the directories what the layers said of them, once no layer is left.
    ///
    /// - Throws: `FileError`, `Interruption`.
    mutating func finish() throws {
        try takeDevicesAway()
        var walk = try TreeWalk(of: root)
        // Each is set once the walk is through with all that is in it: setting one changes what a walk looks at.
        var above: [[UInt8]] = []
        while let entry = try walk.next() {
            try Interruption.check()
            while let last = above.last, !entry.path.starts(with: last) {
                try finishDirectory(Array(last.dropLast()))
                above.removeLast()
            }
            guard entry.status?.kind == .directory else { continue }
            if options.kept?.contains(entry.path) ?? false {
                walk.skipChildren()
            } else {
                above.append(entry.path + [47])
            }
        }
        for path in above.reversed() { try finishDirectory(Array(path.dropLast())) }
        try finishDirectory([])
    }

    private mutating func finishDirectory(_ path: [UInt8]) throws {
        let place = try MemberPath(path, limit: .max)
        let directory =
            path.isEmpty
            ? try root.duplicate()
            : try root.openInRoot(place.parent.bytes).openDirectory(FileName(place.name))
        let inode = try directory.status().identity.inode
        guard wasEmpty || directories.knows(inode) else {
            if let time = directories.time(inode) { try directory.setModified(time) }
            return
        }
        let entry = directories.entry(inode, path)
        let leftOut = try setAttributes(of: directory, entry)
        if !options.keepsOwners { owners.insert(inode, entry, leftOut: leftOut) }
    }

    /// Removes the empty files that stood for devices, and notes where they were.
    private mutating func takeDevicesAway() throws {
        guard options.makesDevices, !owners.devices.isEmpty else { return }
        var walk = try TreeWalk(of: root)
        while let entry = try walk.next() {
            try Interruption.check()
            guard entry.status == nil else { continue }
            let status = try walk.directory.status(of: entry.name)
            guard let kind = owners.devices[status.identity.inode] else { continue }
            devices.append(
                LeftOutDevice(
                    path: entry.path, inode: status.identity.inode, kind: kind, modified: status.modified))
        }
        summary.devicesLeftOut = devices.count
        for device in devices {
            let path = try MemberPath(device.path, limit: .max)
            try root.openInRoot(path.parent.bytes).remove(FileName(path.name))
        }
    }
}

import Glibc
import SystemPackage

extension Directory {
    /// Removes an entry, and all that is below it where it is a directory.
    ///
    /// Follows no link, holds two descriptors whatever the depth, and goes up by `..` with the identity compared.
    ///
    /// - Parameters:
    ///   - name: The entry.
    ///   - isKept: Told an entry's directory and its name there; what it says `true` to stays, with the directories
    ///     above it.
    /// - Returns: Whether nothing of it is left.
    /// - Throws: ``FileError``; `ENOENT` where there is no such entry.
    @discardableResult
    public func removeTree(
        _ name: FileName, except isKept: (FileStatus.Identity, FileName) -> Bool = { _, _ in false }
    ) throws(FileError) -> Bool {
        let isItselfKept = isKept(try status().identity, name)
        guard try status(of: name).kind == .directory else {
            if isItselfKept { return false }
            try remove(name)
            return true
        }
        var place = try enter(name)
        var levels = [Removal(name, Array(name.bytes), try place.status().identity, isKept: isItselfKept)]
        try levels[0].list(place, isKept)
        while true {
            let last = levels.count - 1
            if let child = levels[last].directories.popLast() {
                let path = levels[last].path + [47] + child.bytes
                place = try place.enter(child)
                var level = Removal(
                    child, path, try place.status().identity, isKept: isKept(levels[last].identity, child))
                try level.list(place, isKept)
                levels.append(level)
                continue
            }
            let done = levels.removeLast()
            guard let parent = levels.last else {
                if !done.isKept { try removeDirectory(name) }
                return !done.isKept
            }
            let above = retrying { openat(place.descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            guard above >= 0 else { throw FileError("leave", place.path, .current) }
            let arrived = Directory(owning: above, at: .below(path, parent.path))
            guard try arrived.status().identity == parent.identity else {
                throw FileError("leave", arrived.path, .staleNFSFileHandle)
            }
            place = arrived
            if done.isKept {
                levels[levels.count - 1].isKept = true
            } else {
                try place.removeDirectory(done.name)
            }
        }
    }

    /// Opens a directory to empty it: its owner may have shut himself out.
    private func enter(_ name: FileName) throws(FileError) -> Directory {
        let owned: UInt32 = 0o700
        if try status(of: name).permissions & owned != owned, Machine.user.id != 0 {
            try setPermissions(of: name, owned)
        }
        return try openDirectory(name)
    }
}

/// A directory that is being removed.
private struct Removal {
    let name: FileName
    let path: [UInt8]
    let identity: FileStatus.Identity
    var isKept: Bool
    var directories: [FileName] = []

    init(_ name: FileName, _ path: [UInt8], _ identity: FileStatus.Identity, isKept: Bool) {
        (self.name, self.path, self.identity, self.isKept) = (name, path, identity, isKept)
    }

    /// Removes what is no directory, and remembers what is one.
    mutating func list(
        _ place: borrowing Directory, _ isKept: (FileStatus.Identity, FileName) -> Bool
    ) throws(FileError) {
        for name in try place.names() {
            if try place.status(of: name).kind == .directory {
                directories.append(name)
            } else if isKept(identity, name) {
                self.isKept = true
            } else {
                try place.remove(name)
            }
        }
    }
}

import Glibc
import SystemPackage

extension Directory {
    /// Removes an entry, and all that is below it where it is a directory.
    ///
    /// Follows no link, holds two descriptors whatever the depth, and goes up by `..` with the identity compared.
    ///
    /// - Parameters:
    ///   - name: The entry.
    ///   - isKept: Told the path below this directory; what it says `true` to stays, with the directories above it.
    /// - Returns: Whether nothing of it is left.
    /// - Throws: ``FileError``; `ENOENT` where there is no such entry.
    @discardableResult
    public func removeTree(
        _ name: FileName, except isKept: ([UInt8]) -> Bool = { _ in false }
    ) throws(FileError) -> Bool {
        guard try status(of: name).kind == .directory else {
            if isKept(Array(name.bytes)) { return false }
            try remove(name)
            return true
        }
        var levels = [Removal(name: name, path: Array(name.bytes), isKept: isKept(Array(name.bytes)))]
        var place = try enter(name)
        levels[0].identity = try place.status().identity
        try levels[0].list(place, isKept)
        while true {
            let last = levels.count - 1
            if let child = levels[last].directories.popLast() {
                let path = levels[last].path + [47] + child.bytes
                var level = Removal(name: child, path: path, isKept: isKept(path))
                place = try place.enter(child)
                level.identity = try place.status().identity
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
    var isKept: Bool
    var identity: FileStatus.Identity?
    var directories: [FileName] = []

    init(name: FileName, path: [UInt8], isKept: Bool) {
        (self.name, self.path, self.isKept) = (name, path, isKept)
    }

    /// Removes what is no directory, and remembers what is one.
    mutating func list(_ place: borrowing Directory, _ isKept: ([UInt8]) -> Bool) throws(FileError) {
        for name in try place.names() {
            if try place.status(of: name).kind == .directory {
                directories.append(name)
            } else if isKept(path + [47] + name.bytes) {
                self.isKept = true
            } else {
                try place.remove(name)
            }
        }
    }
}

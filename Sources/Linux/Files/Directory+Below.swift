import CLinux
import Glibc

extension Directory {
    /// Opens a directory below this one, through real directories only: no link is followed.
    ///
    /// What is opened serves to reach what is in it, and need not be readable.
    ///
    /// - Parameter path: Bytes in no encoding, of any length, without `..`; an empty one is this directory.
    /// - Returns: The directory.
    /// - Throws: ``FileError``; `ENOTDIR` or `ELOOP` where something else is on the way, `ENOENT` where nothing is.
    ///
    /// Source: openat2(2), RESOLVE_NO_SYMLINKS.
    public func openBelow(_ path: [UInt8]) throws(FileError) -> Directory {
        let name = FileName(path.isEmpty ? [UInt8(ascii: ".")] : path)
        let found = name.withCString { name in retrying { linux_open_below(descriptor, name) } }
        if found >= 0 { return Directory(owning: found, at: .below(self.path, path)) }
        switch errno {
        // As in ``openInRoot(_:creating:)``: an older kernel, a sandbox's filter, somebody who renames, a long path.
        case ENOSYS, EPERM, EAGAIN, ENAMETOOLONG: return try walkBelow(path)
        default: throw FileError("open", Location.below(self.path, path).path, .current)
        }
    }

    /// The same, component by component.
    func walkBelow(_ path: [UInt8]) throws(FileError) -> Directory {
        var place = try duplicate()
        for component in path.split(separator: 47) {
            let name = FileName(component)
            let child = name.withCString { name in
                retrying { linux_open_place_below(place.descriptor, name) }
            }
            guard child >= 0 else { throw FileError("open", Location.below(self.path, path).path, .current) }
            place = Directory(owning: child, at: .below(self.path, path))
        }
        return place
    }
}

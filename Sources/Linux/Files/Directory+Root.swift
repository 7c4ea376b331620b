import CLinux
import Glibc
import SystemPackage

extension Directory {
    /// Opens a directory by a path that other people wrote, as if this directory were `/`.
    ///
    /// Links are followed and never lead out: an absolute one begins here, and `..` ends here. What is opened
    /// serves to reach what is in it, and need not be readable.
    ///
    /// - Parameters:
    ///   - path: Bytes, in no encoding.
    ///   - created: Called for each directory that is made, with mode 0755, because it was missing on the way; also
    ///     for those that a link leads to. `nil` makes none.
    /// - Returns: The directory.
    /// - Throws: ``FileError``; `ENOENT`, `ENOTDIR`, and `ELOOP` after 40 links.
    ///
    /// Source: openat2(2), RESOLVE_IN_ROOT.
    public func openInRoot(
        _ path: [UInt8],
        creating created: ((_ home: borrowing Directory, _ name: FileName) throws(FileError) -> Void)? = nil
    ) throws(FileError) -> Directory {
        let text: [UInt8] = path.isEmpty ? [UInt8(ascii: ".")] : path
        let name = FileName(text)
        let found = name.withCString { name in retrying { linux_open_in_root(descriptor, name) } }
        if found >= 0 { return Directory(owning: found, at: .below(self.path, path)) }
        switch errno {
        // EPERM is what a sandbox's filter answers for a call it does not know; EAGAIN means somebody renames; a path
        // may be too long for one call.
        case ENOSYS, EPERM, EAGAIN, ENAMETOOLONG: return try walkInRoot(path, creating: created)
        case ENOENT where created != nil: return try walkInRoot(path, creating: created)
        default: throw FileError("open", Location.below(self.path, path).path, .current)
        }
    }

    /// The same, component by component: for kernels without openat2(2), and for what is still to be made.
    func walkInRoot(
        _ path: [UInt8],
        creating created: ((_ home: borrowing Directory, _ name: FileName) throws(FileError) -> Void)? = nil
    ) throws(FileError) -> Directory {
        var pending = Self.components(path)[...]
        // Real directories from here on down: no link is among them, so that `..` takes the last one away.
        var arrived: [FileName] = []
        var place = try reopen([])
        var links = 40
        while let name = pending.popFirst() {
            if name == ".." {
                arrived = Array(arrived.dropLast())
                place = try reopen(arrived)
                continue
            }
            var child = place.openPlace(name)
            if child < 0, errno == ENOENT, let created {
                try place.createDirectory(name, permissions: 0o755)
                try created(place, name)
                child = place.openPlace(name)
            }
            if child >= 0 {
                arrived.append(name)
                place = Directory(
                    owning: child, at: .below(self.path, Array(arrived.map(\.bytes).joined(separator: [47]))))
                continue
            }
            let reason = Errno.current
            guard reason == .notDirectory || reason == .tooManySymbolicLinkLevels,
                let target = try? place.linkTarget(of: name)
            else { throw FileError("open", place.childPath(name), reason) }
            links -= 1
            guard links >= 0 else {
                throw FileError("open", place.childPath(name), .tooManySymbolicLinkLevels)
            }
            pending = (Self.components(target) + pending)[...]
            if target.first == 47 {
                arrived = []
                place = try reopen([])
            }
        }
        return place
    }

    /// Opens a directory through real directories only.
    private func reopen(_ names: [FileName]) throws(FileError) -> Directory {
        var place = try duplicate()
        for name in names {
            let child = place.openPlace(name)
            guard child >= 0 else { throw FileError("open", place.childPath(name), .current) }
            place = Directory(owning: child, at: .entry(in: place.location, name))
        }
        return place
    }

    private func openPlace(_ name: FileName) -> Int32 {
        name.withCString { name in retrying { linux_open_place_below(descriptor, name) } }
    }

    /// The names in a path; none of them is empty or `.`.
    private static func components(_ path: [UInt8]) -> [FileName] {
        path.split(separator: 47).filter { !$0.elementsEqual([46]) }.map { FileName($0) }
    }
}

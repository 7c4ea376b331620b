import Glibc
import SystemPackage

extension Directory {
    /// Copies an entry of this directory, and all that is below it, to a name in another one that is free.
    ///
    /// Modes, times, links, and what this process may set of owners and extended attributes come along; sockets do
    /// not, and hard links become files of their own. File systems that can share content share it. Holds a handful of
    /// descriptors whatever the depth.
    ///
    /// - Throws: ``FileError``; `ESTALE` where the tree changed meanwhile; ``Interruption``.
    func copyTree(_ name: FileName, to other: FileName, in home: borrowing Directory) throws {
        let status = try status(of: name)
        guard status.kind == .directory else { return try copyEntry(name, status, to: other, in: home) }
        let source = try openDirectory(name)
        var target = try TreeCopy(other, status, in: home)
        for attribute in try source.extendedAttributes(where: { _ in true }) {
            target.setAttribute(attribute)
        }
        var walk = try TreeWalk(of: source)
        while let entry = try walk.next() {
            try Interruption.check()
            try target.leave(to: walk.depth)
            if let status = entry.status, status.kind == .directory {
                try target.enter(entry.name, status)
                for attribute in try walk.attributesOfDirectory(where: { _ in true }) {
                    target.setAttribute(attribute)
                }
            } else {
                try walk.directory.copyEntry(entry.name, entry.status, to: entry.name, in: target.place)
            }
        }
        try target.leave(to: -1)
    }

    /// Copies what is no directory; a status of `nil` is a regular file's, which is asked itself.
    private func copyEntry(
        _ name: FileName, _ status: FileStatus?, to other: FileName, in home: borrowing Directory
    ) throws {
        guard let status, status.kind != .regular else { return try copyFile(name, to: other, in: home) }
        let (major, minor) = status.deviceNumber
        switch status.kind {
        case .symbolicLink: try home.createLink(other, to: try linkTarget(of: name))
        case .fifo: try home.createFifo(other)
        case .characterDevice: try home.createCharacterDevice(other, major: major, minor: minor)
        case .blockDevice: try home.createBlockDevice(other, major: major, minor: minor)
        case .socket, .regular, .directory: return
        }
        try? home.setOwner(of: other, user: status.user, group: status.group)
        if status.kind != .symbolicLink { try home.setPermissions(of: other, status.permissions) }
        try home.setModified(of: other, status.modified)
    }

    private func copyFile(_ name: FileName, to other: FileName, in home: borrowing Directory) throws {
        let file = try openFile(name)
        let status = try file.status()
        guard status.kind == .regular else { throw FileError("read", file.path, .staleNFSFileHandle) }
        let copy = try home.createFile(other, permissions: 0o600)
        var offset: Int64 = 0
        while case let count = try file.copy(from: offset, upTo: 1 << 30, to: copy), count > 0 {
            offset += count
            try Interruption.check()
        }
        var bytes: [UInt8] = []
        while try file.read(upTo: 1 << 20, at: offset, appendingTo: &bytes) > 0 {
            try copy.write(bytes.span)
            offset += Int64(bytes.count)
            bytes.removeAll(keepingCapacity: true)
            try Interruption.check()
        }
        try? copy.setOwner(user: status.user, group: status.group)
        try copy.setPermissions(status.permissions)
        for attribute in try file.extendedAttributes(where: { _ in true }) {
            try? copy.setAttribute(attribute)
        }
        try copy.setModified(status.modified)
    }
}

/// The directories that are being filled, each of which gets its attributes once it is.
private struct TreeCopy: ~Copyable {
    private(set) var place: Directory
    private var levels: [(status: FileStatus, above: FileStatus.Identity)]

    init(_ name: FileName, _ status: FileStatus, in home: borrowing Directory) throws(FileError) {
        let above = try home.status().identity
        let made = try Self.make(name, in: home)
        place = made
        levels = [(status, above)]
    }

    private static func make(
        _ name: FileName, in home: borrowing Directory
    ) throws(FileError) -> Directory {
        guard try home.createDirectory(name, permissions: 0o700) else {
            throw FileError("create", home.childPath(name), .fileExists)
        }
        return try home.openDirectory(name)
    }

    mutating func enter(_ name: FileName, _ status: FileStatus) throws(FileError) {
        let above = try place.status().identity
        let made = try Self.make(name, in: place)
        place = made
        levels.append((status, above))
    }

    /// Not every file system takes every attribute.
    func setAttribute(_ attribute: ExtendedAttribute) { try? place.setAttribute(attribute) }

    /// Goes up until it is so deep below the directory that was copied; -1 is the end.
    mutating func leave(to depth: Int) throws(FileError) {
        while levels.count > depth + 1, let (status, above) = levels.popLast() {
            try? place.setOwner(user: status.user, group: status.group)
            try place.setPermissions(status.permissions)
            try place.setModified(status.modified)
            guard !levels.isEmpty else { return }
            let descriptor = retrying {
                openat(place.descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            }
            guard descriptor >= 0 else { throw FileError("leave", place.path, .current) }
            let arrived = Directory(owning: descriptor, path: place.path.removingLastComponent())
            guard try arrived.status().identity == above else {
                throw FileError("leave", place.path, .staleNFSFileHandle)
            }
            place = arrived
        }
    }
}

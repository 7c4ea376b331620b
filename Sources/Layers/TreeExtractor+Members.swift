import Linux
import SystemPackage
import Tar

extension TreeExtractor {
    /// Makes one member, in place of whatever has its name.
    mutating func extract(_ entry: TarEntry, _ path: MemberPath, _ reader: inout TarReader) throws {
        let place = try enter(path.parent)
        let name = FileName(path.name)
        if entry.kind != .directory { forget(path, keepingThisLayer: false) }
        (devices[path], attributesLeftOut[path]) = (nil, nil)
        switch entry.kind {
        case .directory:
            try replacing(name, in: place) { home throws(FileError) in
                try home.createDirectory(name, permissions: 0o700)
            }
            directories.insert(path, entry)
        case .regular(let size):
            try extractFile(entry, size, name, in: place, &reader)
        case .symbolicLink(let target):
            try replacing(name, in: place) { home throws(FileError) in try home.createLink(name, to: target) }
            try setAttributes(of: name, in: place, entry)
        case .hardLink(let target):
            return try link(path, name, in: place, to: target)
        case .fifo:
            try replacing(name, in: place) { home throws(FileError) in try home.createFifo(name) }
            try setAttributes(of: name, in: place, entry)
        case .characterDevice, .blockDevice:
            try extractDevice(entry, path, name, in: place)
        }
        remember(path, entry)
    }

    /// Calls, and if something has the name already, removes it and calls again.
    @discardableResult
    private mutating func replacing<Value: ~Copyable>(
        _ name: FileName, in place: Place,
        _ make: (borrowing Directory) throws(FileError) -> Value
    ) throws -> Value {
        do {
            return try make(place.directory)
        } catch {
            guard error.errno == .fileExists else { throw error }
        }
        try remove(name, in: place)
        return try make(place.directory)
    }

    private mutating func extractFile(
        _ entry: TarEntry, _ size: Int64, _ name: FileName, in place: Place, _ reader: inout TarReader
    ) throws {
        summary.bytes = summary.bytes.addingReportingOverflow(size).partialValue
        guard size <= options.limits.bytes, summary.bytes >= 0, summary.bytes <= options.limits.bytes else {
            throw LayerError.limit("more than \(options.limits.bytes) bytes of files", flag: "--max-bytes")
        }
        let file = try replacing(name, in: place) { home throws(FileError) in
            try home.createFile(name, permissions: 0o600)
        }
        var position: Int64 = 0
        try reader.content { offset, bytes in
            if offset > position { try file.skip(offset - position) }
            try file.write(bytes)
            position = offset + Int64(bytes.count)
        }
        if position < size { try file.setSize(size) }
        if options.keepsOwners { try file.setOwner(user: entry.user, group: entry.group) }
        try file.setPermissions(options.permissions(of: entry))
        try setAttributes(of: entry) { attribute throws(FileError) in try file.setAttribute(attribute) }
        try file.setModified(entry.time)
    }

    // MARK: Links

    private mutating func link(
        _ path: MemberPath, _ name: FileName, in place: Place, to target: [UInt8]
    ) throws {
        let target = try MemberPath(target, limit: options.limits.pathLength)
        guard target != path else { return }
        guard try makeLink(path, name, in: place, to: target) else {
            lateLinks.append((path, target))
            return
        }
    }

    /// - Returns: `false` where the target is not there.
    private mutating func makeLink(
        _ path: MemberPath, _ name: FileName, in place: Place, to target: MemberPath
    ) throws -> Bool {
        if let device = devices[target] {
            devices[path] = device
            return true
        }
        let home: Place
        do {
            home = try open(target.parent, creating: false)
            _ = try home.directory.status(of: FileName(target.name))
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return false
        }
        try replacing(name, in: place) { directory throws(FileError) in
            try directory.createHardLink(name, to: FileName(target.name), in: home.directory)
        }
        entries.link(path, to: target, layer: layer)
        return true
    }

    /// Makes the links that came before their targets.
    mutating func makeLateLinks() throws {
        // A link's target may be a link that waits itself: go on as long as that helps.
        var waiting = lateLinks
        lateLinks = []
        while !waiting.isEmpty {
            var left: [(path: MemberPath, target: MemberPath)] = []
            for (path, target) in waiting {
                let place = try enter(path.parent)
                if try !makeLink(path, FileName(path.name), in: place, to: target) {
                    left.append((path, target))
                }
            }
            guard left.count < waiting.count else {
                throw LayerError.hostile(
                    waiting[0].path.filePath,
                    "a hard link to \(waiting[0].target.filePath.escapedDescription), which is not there")
            }
            waiting = left
        }
    }

    // MARK: Devices and attributes

    private mutating func extractDevice(
        _ entry: TarEntry, _ path: MemberPath, _ name: FileName, in place: Place
    ) throws {
        guard options.keepsOwners else {
            if (try? place.directory.status(of: name)) != nil { try remove(name, in: place) }
            devices[path] = entry
            return
        }
        try replacing(name, in: place) { home throws(FileError) in
            switch entry.kind {
            case .characterDevice(let major, let minor):
                try home.createCharacterDevice(name, major: major, minor: minor)
            case .blockDevice(let major, let minor):
                try home.createBlockDevice(name, major: major, minor: minor)
            default: break
            }
        }
        try setAttributes(of: name, in: place, entry)
    }

    private mutating func setAttributes(of name: FileName, in place: Place, _ entry: TarEntry) throws {
        if options.keepsOwners {
            try place.directory.setOwner(of: name, user: entry.user, group: entry.group)
        }
        if case .symbolicLink = entry.kind {
        } else {
            try place.directory.setPermissions(of: name, options.permissions(of: entry))
        }
        try setAttributes(of: entry) { attribute throws(FileError) in
            try place.directory.setAttribute(attribute, of: name)
        }
        try place.directory.setModified(of: name, entry.time)
    }

    mutating func setAttributes(of directory: borrowing Directory, _ entry: TarEntry) throws {
        if options.keepsOwners { try directory.setOwner(user: entry.user, group: entry.group) }
        try directory.setPermissions(options.permissions(of: entry))
        try setAttributes(of: entry) { attribute throws(FileError) in try directory.setAttribute(attribute) }
        try directory.setModified(entry.time)
    }

    /// Sets the attributes that are kept; those that this user may not set, or this file system cannot hold, are
    /// remembered.
    private mutating func setAttributes(
        of entry: TarEntry, by set: (ExtendedAttribute) throws(FileError) -> Void
    ) throws {
        for (name, value) in entry.attributes where options.attributes.keeps(name) {
            let attribute = ExtendedAttribute(name: name, value: value)
            do {
                try set(attribute)
            } catch {
                let isRefused = error.errno == .notPermitted && !options.keepsOwners
                guard isRefused || error.errno == .notSupported else { throw error }
                let path = try MemberPath(entry.path, limit: .max)
                summary.attributesLeftOut += 1
                if summary.firstAttributeLeftOut == nil { summary.firstAttributeLeftOut = path.filePath }
                attributesLeftOut[path, default: []].append(attribute)
            }
        }
    }
}

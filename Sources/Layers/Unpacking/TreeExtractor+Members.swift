import Linux
import SystemPackage
import Tar

extension TreeExtractor {
    /// Makes one member, in place of whatever has its name.
    mutating func extract(_ entry: TarEntry, _ path: MemberPath, _ reader: inout TarReader) throws {
        let place = try enter(path.parent)
        let name = FileName(path.name)
        if let kept = options.kept, try place.holds(name, by: kept) { return }
        var leftOut: [ExtendedAttribute] = []
        switch entry.kind {
        case .directory:
            try replacing(name, in: place) { home throws(FileError) in
                try home.createDirectory(name, permissions: 0o700)
            }
            rememberName(name, in: place.inode)
            return try rememberDirectory(try place.directory.status(of: name).identity.inode, entry)
        case .regular(let size):
            leftOut = try extractFile(entry, size, name, in: place, &reader)
        case .symbolicLink(let target):
            try replacing(name, in: place) { home throws(FileError) in try home.createLink(name, to: target) }
            leftOut = try setAttributes(of: name, in: place, entry)
        case .hardLink(let target):
            return try link(path, name, in: place, to: target)
        case .fifo:
            try replacing(name, in: place) { home throws(FileError) in try home.createFifo(name) }
            leftOut = try setAttributes(of: name, in: place, entry)
        case .characterDevice, .blockDevice:
            leftOut = try extractDevice(entry, path, name, in: place)
        }
        try remember(name, in: place, entry, leftOut: leftOut)
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
        do {
            return try make(place.directory)
        } catch {
            guard error.errno == .fileExists, options.kept != nil else { throw error }
            throw LayerError.place(
                place.path.appending(name.bytes).filePath,
                "below it lies what --isolation inplace must not remove")
        }
    }

    private mutating func extractFile(
        _ entry: TarEntry, _ size: Int64, _ name: FileName, in place: Place, _ reader: inout TarReader
    ) throws -> [ExtendedAttribute] {
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
        return try setAttributes(of: file, entry)
    }

    private mutating func setAttributes(
        of file: borrowing File, _ entry: TarEntry
    ) throws -> [ExtendedAttribute] {
        if options.keepsOwners { try file.setOwner(user: entry.user, group: entry.group) }
        try file.setPermissions(options.permissions(of: entry))
        let leftOut = try setAttributes(of: entry) { attribute throws(FileError) in
            try file.setAttribute(attribute)
        }
        try file.setModified(entry.time)
        return leftOut
    }

    // MARK: Links

    private mutating func link(
        _ path: MemberPath, _ name: FileName, in place: Place, to target: [UInt8]
    ) throws {
        let target = try MemberPath(target, limit: options.limits.pathLength)
        guard target != path else { return }
        guard try makeLink(path, name, in: place, to: target) else {
            try hold(path.bytes.count + target.bytes.count + 64, of: path)
            lateLinks.append((path, target))
            return
        }
    }

    /// - Returns: `false` where the target is not there.
    private mutating func makeLink(
        _ path: MemberPath, _ name: FileName, in place: Place, to target: MemberPath
    ) throws -> Bool {
        let home: Place
        let status: FileStatus
        do {
            home = try open(target.parent)
            status = try home.directory.status(of: FileName(target.name))
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return false
        }
        rememberName(name, in: place.inode)
        // By another way to the same name the target would be removed before it is linked.
        if let found = try? place.directory.status(of: name), found.identity == status.identity {
            return true
        }
        do {
            try replacing(name, in: place) { directory throws(FileError) in
                try directory.createHardLink(name, to: FileName(target.name), in: home.directory)
            }
        } catch let error as FileError where error.errno == .noSuchFileOrDirectory {
            throw LayerError.hostile(
                path.filePath, "a hard link in place of the directory that its target lies in")
        }
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
    ) throws -> [ExtendedAttribute] {
        guard options.keepsOwners, options.makesDevices else {
            return try extractPlaceholder(entry, path, name, in: place)
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
        return try setAttributes(of: name, in: place, entry)
    }

    /// An empty file in a device's place: so it is linked, replaced and removed as the layers want it.
    private mutating func extractPlaceholder(
        _ entry: TarEntry, _ path: MemberPath, _ name: FileName, in place: Place
    ) throws -> [ExtendedAttribute] {
        let file = try replacing(name, in: place) { home throws(FileError) in
            try home.createFile(name, permissions: 0o600)
        }
        guard options.makesDevices else {
            // Where no attribute can be set, it is a file like any.
            if let mark = DeviceMark.attribute(of: entry.kind) { try? file.setAttribute(mark) }
            return try setAttributes(of: file, entry)
        }
        try file.setModified(entry.time)
        let attributes = keptAttributes(of: entry)
        try hold(attributes.reduce(128) { $0 + $1.name.count + $1.value.count }, of: path)
        return attributes
    }

    private mutating func setAttributes(
        of name: FileName, in place: Place, _ entry: TarEntry
    ) throws -> [ExtendedAttribute] {
        if options.keepsOwners {
            try place.directory.setOwner(of: name, user: entry.user, group: entry.group)
        }
        if case .symbolicLink = entry.kind {
        } else {
            try place.directory.setPermissions(of: name, options.permissions(of: entry))
        }
        let leftOut = try setAttributes(of: entry) { attribute throws(FileError) in
            try place.directory.setAttribute(attribute, of: name)
        }
        try place.directory.setModified(of: name, entry.time)
        return leftOut
    }

    mutating func setAttributes(
        of directory: borrowing Directory, _ entry: TarEntry
    ) throws -> [ExtendedAttribute] {
        if options.keepsOwners { try directory.setOwner(user: entry.user, group: entry.group) }
        try directory.setPermissions(options.permissions(of: entry))
        let leftOut = try setAttributes(of: entry) { attribute throws(FileError) in
            try directory.setAttribute(attribute)
        }
        try directory.setModified(entry.time)
        return leftOut
    }

    /// Sets the attributes that are kept.
    ///
    /// - Returns: Those that this user may not set, or this file system cannot hold.
    private mutating func setAttributes(
        of entry: TarEntry, by set: (ExtendedAttribute) throws(FileError) -> Void
    ) throws -> [ExtendedAttribute] {
        var leftOut: [ExtendedAttribute] = []
        // A directory may have another owner's from a layer below; the root's tells that there are marks here.
        let isMarkedAnyway = entry.kind == .directory && (!wasEmpty || entry.path.isEmpty)
        if options.marksOwners, entry.user != 0 || entry.group != 0 || isMarkedAnyway {
            // What cannot be marked is known by its path.
            try? set(OwnerMark.attribute(user: entry.user, group: entry.group))
        }
        for attribute in keptAttributes(of: entry) {
            do {
                try set(attribute)
            } catch {
                // Nobody may set a user's attribute on what is neither file nor directory.
                let isRefused =
                    error.errno == .notPermitted
                    && (!options.keepsOwners || attribute.name.starts(with: "user.".utf8))
                guard isRefused || error.errno == .notSupported else { throw error }
                let path = try MemberPath(entry.path, limit: .max)
                try hold(128 + attribute.name.count + attribute.value.count, of: path)
                summary.attributesLeftOut += 1
                if summary.firstAttributeLeftOut == nil { summary.firstAttributeLeftOut = path.filePath }
                leftOut.append(attribute)
            }
        }
        return leftOut
    }
}

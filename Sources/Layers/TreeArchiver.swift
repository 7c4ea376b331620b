import Linux
import SystemPackage
import Tar

/// Walks a tree and gives its tar stream away in pieces.
struct TreeArchiver: ~Copyable {
    private let options: LayerOptions
    private let root: FilePath
    private let push: (Piece) -> Bool
    private var writer: TarWriter
    private var summary = TreeSummary()
    private var entriesInPiece = 0
    private var firstNames: [FileStatus.Identity: [UInt8]] = [:]
    private var unreadable: [FilePath] = []

    init(_ root: FilePath, _ options: LayerOptions, push: @escaping (Piece) -> Bool) throws {
        (self.root, self.options, self.push) = (root, options, push)
        writer = try TarWriter()
    }

    /// Archives the tree.
    ///
    /// - Throws: ``LayerError``, `FileError`, `TarError` or `Interruption`. Nothing of the stream is good then.
    consuming func archive() throws -> TreeSummary {
        let directory = try Directory.open(root)
        do {
            if options.hasRootEntry { try archiveRoot(directory) }
            var walk = try TreeWalk(of: directory)
            while let entry = try next(&walk) {
                try Interruption.check()
                guard try archive(entry, in: &walk) else { break }
            }
        } catch let error as FileError where Self.meansChange.contains(error.errno) {
            throw LayerError.changed(error.path, "\(error)")
        }
        guard unreadable.isEmpty else {
            throw LayerError.unreadable(Array(unreadable.prefix(10)), more: unreadable.count > 10)
        }
        try writer.finish()
        _ = endPiece()
        return summary
    }

    /// What a call on an entry fails with, when the entry is no longer what the walk saw.
    private static let meansChange: [Errno] = [
        .noSuchAddressOrDevice, .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels,
        .staleNFSFileHandle,
    ]

    /// Goes on behind a directory that may not be read, to find out what else may not.
    private mutating func next(_ walk: inout TreeWalk) throws -> TreeWalk.Entry? {
        while true {
            do {
                return try walk.next()
            } catch {
                guard error.errno == .permissionDenied else { throw error }
                guard note(unreadable: error.path) else { return nil }
                walk.skipChildren()
            }
        }
    }

    /// - Returns: Whether looking on for more is worth it.
    private mutating func note(unreadable path: FilePath) -> Bool {
        unreadable.append(path)
        return unreadable.count <= 10
    }

    /// - Returns: Whether the walk goes on.
    private mutating func archive(_ entry: TreeWalk.Entry, in walk: inout TreeWalk) throws -> Bool {
        if options.exclusion.excludes(path: entry.path, name: entry.name.bytes) {
            walk.skipChildren()
            return true
        }
        guard !entry.name.bytes.starts(with: Whiteout.prefix) else {
            throw LayerError.whiteoutName(location(entry.path))
        }
        do {
            return try archiveMember(entry, in: &walk)
        } catch let error as FileError where error.errno == .permissionDenied {
            walk.skipChildren()
            return note(unreadable: error.path)
        } catch let error as TarError {
            throw LayerError.member(location(entry.path), error.reason)
        }
    }

    private mutating func archiveMember(_ entry: TreeWalk.Entry, in walk: inout TreeWalk) throws -> Bool {
        guard let status = entry.status else { return try archiveFile(entry, in: walk.directory) }
        switch status.kind {
        case .regular:
            return try archiveFile(entry, in: walk.directory)
        case .directory:
            let attributes = try walk.attributesOfDirectory(where: options.attributes.keeps)
            return try write(entry, .directory, status, attributes)
        case .socket:
            summary.sockets += 1
            if summary.firstSocket == nil { summary.firstSocket = location(entry.path) }
            return true
        case .symbolicLink, .fifo, .characterDevice, .blockDevice:
            if let first = firstName(of: entry, status) {
                return try write(entry, .hardLink(target: first), status, [])
            }
            return try archiveSpecial(entry, status, in: walk.directory)
        }
    }

    /// - Returns: The path under which the file is in the archive already, if it is.
    private mutating func firstName(of entry: TreeWalk.Entry, _ status: FileStatus) -> [UInt8]? {
        guard status.links > 1 else { return nil }
        if let first = firstNames[status.identity] { return first }
        firstNames[status.identity] = entry.path
        return nil
    }

    /// A file that is never opened.
    private mutating func archiveSpecial(
        _ entry: TreeWalk.Entry, _ status: FileStatus, in directory: borrowing Directory
    ) throws -> Bool {
        let (major, minor) = status.deviceNumber
        let kind: TarEntry.Kind =
            switch status.kind {
            case .symbolicLink: .symbolicLink(target: try directory.linkTarget(of: entry.name))
            case .characterDevice: .characterDevice(major: major, minor: minor)
            case .blockDevice: .blockDevice(major: major, minor: minor)
            default: .fifo
            }
        // Only `security.*` and `trusted.*` can be on a link, and none of the usual ones is.
        let mayHaveAttributes = status.kind != .symbolicLink || options.attributes.isWidened
        return try write(entry, kind, status, mayHaveAttributes ? attributes(of: entry, in: directory) : [])
    }

    private func attributes(
        of entry: TreeWalk.Entry, in directory: borrowing Directory
    ) throws -> [ExtendedAttribute] {
        try directory.extendedAttributes(of: entry.name, where: options.attributes.keeps)
    }

    private mutating func archiveFile(_ entry: TreeWalk.Entry, in directory: borrowing Directory) throws
        -> Bool
    {
        let file = try directory.openFile(entry.name)
        let status = try file.status()
        guard status.kind == .regular else {
            throw LayerError.changed(location(entry.path), "another file took its place")
        }
        if let first = firstName(of: entry, status) {
            return try write(entry, .hardLink(target: first), status, [])
        }
        guard unreadable.isEmpty else { return true }
        let attributes = try file.extendedAttributes(where: options.attributes.keeps)
        let size = status.size
        guard try write(entry, .regular(size: size), status, attributes) else { return false }
        // Fewer blocks than bytes: there are holes, and reading them would only make zeros.
        let isComplete =
            status.blocks * 512 < size
            ? try copySparse(file, entry, size) : try copy(file, entry, 0..<size, of: size)
        guard isComplete else { return false }
        try writer.endMember()
        try expect(status, of: file, entry.path)
        return size < PieceRule.most || endPiece()
    }

    private mutating func copySparse(
        _ file: borrowing File, _ entry: TreeWalk.Entry, _ size: Int64
    ) throws -> Bool {
        var offset: Int64 = 0
        while offset < size {
            let found = try file.nextData(from: offset) ?? size..<size
            let data = found.clamped(to: offset..<size)
            guard try writeZeros(offset..<data.lowerBound, of: size) else { return false }
            guard try copy(file, entry, data, of: size) else { return false }
            offset = data.upperBound
        }
        return true
    }

    private mutating func writeZeros(_ range: Range<Int64>, of size: Int64) throws -> Bool {
        guard !range.isEmpty else { return true }
        let zeros = [UInt8](
            repeating: 0, count: Int(min(Int64(PieceRule.most), range.upperBound - range.lowerBound)))
        var offset = range.lowerBound
        while offset < range.upperBound {
            try Interruption.check()
            let count = Int(min(room(at: offset), range.upperBound - offset))
            try writer.write(zeros.span.extracting(first: count))
            offset += Int64(count)
            guard endPieceWithinFile(at: offset, of: size, isHole: count == PieceRule.most) else {
                return false
            }
        }
        return true
    }

    private mutating func copy(
        _ file: borrowing File, _ entry: TreeWalk.Entry, _ range: Range<Int64>, of size: Int64
    ) throws -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound {
            try Interruption.check()
            let wanted = Int(min(room(at: offset), range.upperBound - offset))
            let count = try writer.write { try file.read(upTo: wanted, appendingTo: &$0) }
            guard count > 0 else {
                throw LayerError.changed(
                    location(entry.path), "\(size) bytes announced, \(offset) read")
            }
            offset += Int64(count)
            guard endPieceWithinFile(at: offset, of: size) else { return false }
        }
        return true
    }

    /// Bytes up to the next cut within a file.
    private func room(at offset: Int64) -> Int64 { Int64(PieceRule.most) - offset % Int64(PieceRule.most) }

    private mutating func endPieceWithinFile(at offset: Int64, of size: Int64, isHole: Bool = false) -> Bool {
        guard size >= PieceRule.most, offset < size, offset % Int64(PieceRule.most) == 0 else { return true }
        return endPiece(isHole: isHole && writer.pendingCount == PieceRule.most)
    }

    /// Throws when a file is no longer what it was when it was met.
    private func expect(_ status: FileStatus, of file: borrowing File, _ path: [UInt8]) throws {
        let now = try file.status()
        guard now != status else { return }
        let what =
            if now.kind != status.kind || now.identity != status.identity {
                "another file took its place"
            } else if now.size != status.size {
                "\(status.size) bytes before, \(now.size) after"
            } else {
                "its times are not what they were"
            }
        throw LayerError.changed(location(path), what)
    }

    /// Writes a header, at the end of the piece or at the beginning of the next one.
    ///
    /// - Returns: Whether the stream is still wanted.
    private mutating func write(
        _ entry: TreeWalk.Entry, _ kind: TarEntry.Kind, _ status: FileStatus,
        _ attributes: [ExtendedAttribute]
    ) throws -> Bool {
        let size: Int64 = if case .regular(let size) = kind { size } else { 0 }
        if PieceRule.endsPiece(holding: writer.pendingCount, before: entry.path, size: size) {
            guard endPiece() else { return false }
        }
        try begin(entry.path, kind, status, attributes)
        return true
    }

    private mutating func archiveRoot(_ directory: borrowing Directory) throws {
        let attributes = try directory.extendedAttributes(where: options.attributes.keeps)
        try begin([UInt8(ascii: ".")], .directory, try directory.status(), attributes)
    }

    private mutating func begin(
        _ path: [UInt8], _ kind: TarEntry.Kind, _ status: FileStatus, _ attributes: [ExtendedAttribute]
    ) throws {
        let owner = options.owners.owner(user: status.user, group: status.group)
        for number in [owner.user, owner.group] where number == .max {
            throw LayerError.owner(location(path), number)
        }
        if owner != (status.user, status.group) { summary.filesGivenToRoot += 1 }
        let time = min(status.modified.seconds, options.latestTime ?? .max)
        summary.newestTime = max(summary.newestTime ?? time, time)
        summary.entries += 1
        entriesInPiece += 1
        try writer.begin(
            TarEntry(
                path: path, kind: kind, permissions: status.permissions, user: owner.user, group: owner.group,
                modified: time, attributes: attributes.map { ($0.name, $0.value) }))
    }

    /// - Returns: Whether the stream is still wanted.
    private mutating func endPiece(isHole: Bool = false) -> Bool {
        let bytes = writer.take(reserving: PieceRule.most + 4096)
        defer { entriesInPiece = 0 }
        return bytes.isEmpty || push(Piece(bytes, entries: entriesInPiece, isHole: isHole))
    }

    private func location(_ path: [UInt8]) -> FilePath {
        FilePath(bytes: root.bytes + [UInt8(ascii: "/")] + path)
    }
}

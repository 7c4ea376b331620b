import Linux
import SystemPackage
import Tar

/// Makes a tree of an image's layers, one over the other.
///
/// Every name is resolved within the tree: a link that an earlier member made
/// leads nowhere else. What is in a member's place is removed before the member
/// is made anew, so that nothing is ever written through a link or into another
/// name's file.
///
/// Directories are open to the extracting user alone until ``finish()``, which
/// gives them what the layers say, the deepest first.
///
/// Source: OCI image-spec v1.1, layer.md, "Applying Changesets".
struct TreeExtractor: ~Copyable {
    /// A directory that members are made in.
    final class Place {
        let path: MemberPath
        let directory: Directory

        init(_ path: MemberPath, _ directory: consuming Directory) {
            self.path = path
            self.directory = directory
        }
    }

    let options: UnpackOptions
    var summary = UnpackSummary()
    var entries = ExtractedEntries()
    var directories = ExtractedDirectories()
    /// Devices that a plain user cannot make.
    var devices: [MemberPath: TarEntry] = [:]
    /// Attributes that this user may not set.
    var attributesLeftOut: [MemberPath: [ExtendedAttribute]] = [:]
    /// Hard links whose target had not come yet.
    var lateLinks: [(path: MemberPath, target: MemberPath)] = []
    private(set) var layer = 0
    /// Where the last member belonged: mostly the next one's place, too.
    private var place: Place?
    let root: Directory

    /// Begins in an empty directory.
    init(into root: consuming Directory, _ options: UnpackOptions) {
        self.options = options
        self.root = root
        // What a layer says of the root goes before this.
        if let path = try? MemberPath([46], limit: .max) {
            directories.insert(path, TarEntry(path: [46], kind: .directory, permissions: 0o755))
        }
    }

    /// Puts a layer over what is there.
    ///
    /// - Throws: ``LayerError``, `FileError`, `TarError`, `Interruption`, and what the reader's source throws.
    mutating func apply(_ reader: inout TarReader) throws {
        layer += 1
        while let entry = try reader.next() {
            try Interruption.check()
            summary.entries += 1
            guard summary.entries <= options.limits.entries else {
                throw LayerError.limit("more than \(options.limits.entries) entries", flag: "--max-entries")
            }
            let path = try MemberPath(entry.path, limit: options.limits.pathLength)
            if let whiteout = try Whiteout(path) {
                try apply(whiteout, in: path.parent)
            } else if path.bytes.isEmpty {
                guard entry.kind == .directory else {
                    throw LayerError.hostile(path.filePath, "the root is no directory in this layer")
                }
                directories.insert(path, entry)
                remember(path, entry)
            } else {
                try extract(entry, path, &reader)
            }
        }
        try makeLateLinks()
    }

    /// Gives the directories what the layers said of them, once no layer is left.
    mutating func finish() throws {
        summary.devicesLeftOut = devices.count
        try directories.forEachFromBelow { path, entry in
            do {
                let directory =
                    path.bytes.isEmpty
                    ? try root.duplicate()
                    : try open(path.parent, creating: false).directory.openDirectory(FileName(path.name))
                try setAttributes(of: directory, entry)
            } catch let error as FileError where Self.meansGone.contains(error.errno) {
                // A later layer put something else in its place.
            }
        }
    }

    private static let meansGone: [Errno] = [
        .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels,
    ]

    /// Notes what only a table can hold, and what must be told apart from the layers below.
    mutating func remember(_ path: MemberPath, _ entry: TarEntry) {
        guard layer > 1 || !options.keepsOwners else { return }
        entries.insert(path, entry, layer: layer)
    }

    // MARK: Places

    /// Opens a directory of the tree, and makes it where it is missing: layers need not name the directories above
    /// their files.
    func open(_ path: MemberPath, creating: Bool) throws(FileError) -> Place {
        if let place, place.path == path { return place }
        return Place(path, try root.openInRoot(path.bytes, creating: creating))
    }

    mutating func enter(_ path: MemberPath) throws -> Place {
        if let place, place.path == path { return place }
        let found: Place
        do {
            found = try open(path, creating: false)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            found = try makePlace(path)
        }
        place = found
        return found
    }

    private mutating func makePlace(_ path: MemberPath) throws -> Place {
        // What leads to it, from above: each as if a layer had named it, so that no time is left to the clock.
        let above = try enter(path.parent)
        if (try? above.directory.status(of: FileName(path.name))) == nil {
            try above.directory.createDirectory(FileName(path.name), permissions: 0o700)
            let entry = TarEntry(path: path.bytes, kind: .directory, permissions: 0o755)
            directories.insert(path, entry)
            remember(path, entry)
        }
        return try open(path, creating: true)
    }

    // MARK: What is there already

    private mutating func apply(_ whiteout: Whiteout, in path: MemberPath) throws {
        // Below the first layer there is nothing.
        guard layer > 1, whiteout != .foreign else { return }
        // A device that is not on disk goes, too.
        let gone = if case .removal(let name) = whiteout { path.appending(name) } else { path }
        forget(gone, keepingThisLayer: true)
        do {
            let place = try open(path, creating: false)
            let names =
                if case .removal(let name) = whiteout { [FileName(name)] } else {
                    try place.directory.names()
                }
            for name in names { try remove(name, in: place, keepingThisLayer: true) }
        } catch let error as FileError where Self.meansGone.contains(error.errno) {
            // What is not there needs no removing.
        }
    }

    /// Forgets what only the table would have of a path and what is below it.
    func isForgotten(_ other: MemberPath, with path: MemberPath, keepingThisLayer keeps: Bool) -> Bool {
        let isBelow = path.bytes.isEmpty || other.bytes.starts(with: path.bytes + [47])
        return (other == path || isBelow) && !(keeps && entries.contains(other, of: layer))
    }

    mutating func forget(_ path: MemberPath, keepingThisLayer keeps: Bool) {
        for other in devices.keys where isForgotten(other, with: path, keepingThisLayer: keeps) {
            devices[other] = nil
        }
        for other in attributesLeftOut.keys where isForgotten(other, with: path, keepingThisLayer: keeps) {
            attributesLeftOut[other] = nil
        }
    }

    /// Removes an entry, and forgets what was to become of it.
    mutating func remove(_ name: FileName, in place: Place, keepingThisLayer keeps: Bool = false) throws {
        let path = place.path.appending(name.bytes)
        forget(path, keepingThisLayer: keeps)
        let kind = try place.directory.status(of: name).kind
        let isGone = try place.directory.removeTree(name) { below in
            keeps && entries.contains(place.path.appending(below), of: layer)
        }
        if kind == .directory, isGone { directories.remove(path) }
        // Another member's way may have led through it.
        if kind == .directory || kind == .symbolicLink { self.place = nil }
    }
}

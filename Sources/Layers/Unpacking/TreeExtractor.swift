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
/// gives them what the layers say, and takes away the empty files that stood for
/// a plain user's devices.
///
/// Source: OCI image-spec v1.1, layer.md, "Applying Changesets".
struct TreeExtractor: ~Copyable {
    /// A directory that members are made in.
    final class Place {
        let path: MemberPath
        let inode: UInt64
        /// When it changed, as it was opened.
        let modified: FileStatus.Time
        let directory: Directory

        init(_ path: MemberPath, _ directory: consuming Directory) throws(FileError) {
            self.path = path
            let status = try directory.status()
            (inode, modified) = (status.identity.inode, status.modified)
            self.directory = directory
        }

        /// Where it is once all links are followed.
        private var real: [UInt8]?
        private var isBelowKept: Bool?

        /// Where the directory is once all links are followed, below this process's root.
        func realPath() throws(FileError) -> [UInt8] {
            if let real { return real }
            let found = try directory.realPath()
            real = found
            return found
        }

        /// Whether an entry of it is not the layers' to change: a link may have led here.
        func holds(_ name: FileName, by kept: KeptPaths) throws(FileError) -> Bool {
            let above = try realPath()
            let isBelow = isBelowKept ?? kept.holds(above)
            isBelowKept = isBelow
            return isBelow || kept.contains((above.isEmpty ? [] : above + [47]) + name.bytes)
        }
    }

    /// The most bytes of attributes and late links that are kept in memory: no honest image comes near.
    static let heldLimit = 64 << 20

    let options: UnpackOptions
    /// Whether some names speak of the layers below; where there is no layer they are names like others.
    private let hasWhiteouts: Bool
    var summary = UnpackSummary()
    var directories = ExtractedDirectories()
    /// Filled for a plain user only.
    var owners = ExtractedOwners()
    /// Devices that a plain user cannot make, once they are taken away again.
    var devices: [LeftOutDevice] = []
    /// Hard links whose target had not come yet.
    var lateLinks: [(path: MemberPath, target: MemberPath)] = []
    private var held = 0
    private(set) var layer: Int
    /// Whether there was nothing in the tree before: then every directory gets what a layer says, or root's.
    let wasEmpty: Bool
    /// What this layer made; of the first layer everything is.
    private var names = LayerNames()
    /// Where the last member belonged: mostly the next one's place, too.
    private var place: Place?
    let root: Directory

    /// Begins in an empty directory, or over the tree of the layers below.
    init(
        into root: consuming Directory, _ options: UnpackOptions, hasWhiteouts: Bool = true,
        wasEmpty: Bool = true
    ) {
        (self.options, self.hasWhiteouts, self.wasEmpty) = (options, hasWhiteouts, wasEmpty)
        layer = wasEmpty ? 0 : 1
        self.root = root
    }

    /// Puts a layer over what is there.
    ///
    /// - Throws: ``LayerError``, `FileError`, `TarError`, `Interruption`, and what the reader's source throws.
    mutating func apply(_ reader: inout TarReader) throws {
        layer += 1
        names = LayerNames()
        while let entry = try reader.next() {
            try Interruption.check()
            summary.entries += 1
            guard summary.entries <= options.limits.entries else {
                throw LayerError.limit("more than \(options.limits.entries) entries", flag: "--max-entries")
            }
            let path = try MemberPath(entry.path, limit: options.limits.pathLength)
            // What lies beside a member that was made is not below what is kept.
            if let kept = options.kept, place?.path != path.parent, kept.holds(path.parent.bytes) { continue }
            if hasWhiteouts, let whiteout = try Whiteout(path) {
                try apply(whiteout, in: path.parent)
            } else if path.bytes.isEmpty {
                guard entry.kind == .directory else {
                    throw LayerError.hostile(path.filePath, "the root is no directory in this layer")
                }
                try rememberDirectory(try root.status().identity.inode, entry)
            } else {
                try extract(entry, path, &reader)
            }
        }
        try makeLateLinks()
    }

    // MARK: What is known

    /// Counts what stays in memory until the end.
    mutating func hold(_ bytes: Int, of path: MemberPath) throws(LayerError) {
        held += bytes
        guard held <= Self.heldLimit else {
            throw .hostile(
                path.filePath,
                "the image has more than \(Self.heldLimit >> 20) MiB of attributes and links to wait for")
        }
    }

    /// Notes a name that was just given: this layer's whiteouts spare it.
    mutating func rememberName(_ name: FileName, in directory: UInt64) {
        if layer > 1 { names.insert(name, in: directory) }
    }

    /// Notes an entry that was just made, with what its file does not show.
    mutating func remember(
        _ name: FileName, in place: Place, _ entry: TarEntry, leftOut: [ExtendedAttribute]
    ) throws(FileError) {
        rememberName(name, in: place.inode)
        guard !options.keepsOwners else { return }
        let inode = try place.directory.status(of: name).identity.inode
        owners.insert(inode, entry, leftOut: leftOut)
    }

    /// Notes what a directory will get.
    mutating func rememberDirectory(_ inode: UInt64, _ entry: TarEntry) throws {
        let attributes = keptAttributes(of: entry)
        let path = try MemberPath(entry.path, limit: .max)
        try hold(attributes.reduce(0) { $0 + $1.name.count + $1.value.count }, of: path)
        directories.insert(inode, entry, attributes)
        if !options.keepsOwners { owners.insert(inode, entry, leftOut: []) }
    }

    func keptAttributes(of entry: TarEntry) -> [ExtendedAttribute] {
        entry.attributes.filter { options.attributes.keeps($0.name) }
            .map { ExtendedAttribute(name: $0.name, value: $0.value) }
    }

    // MARK: Places

    /// Opens a directory of the tree.
    func open(_ path: MemberPath) throws(FileError) -> Place {
        if let place, place.path == path { return place }
        return try Place(path, try root.openInRoot(path.bytes))
    }

    /// Opens the directory that the next member belongs in, and makes it where it is missing: layers need not name
    /// the directories above their files.
    mutating func enter(_ path: MemberPath) throws -> Place {
        if let place, place.path == path { return place }
        if !wasEmpty { try keepTime(of: path) }
        var made: [(home: UInt64, name: FileName, inode: UInt64)] = []
        let directory = try root.openInRoot(path.bytes) { home, name throws(FileError) in
            made.append(
                (try home.status().identity.inode, name, try home.status(of: name).identity.inode))
        }
        for one in made {
            rememberName(one.name, in: one.home)
            try rememberDirectory(one.inode, .unspoken(path.bytes))
        }
        let found = try Place(path, directory)
        place = found
        return found
    }

    /// Notes when a directory changed, or the nearest one above that is there, before something is made in it: layers
    /// need not name it.
    private mutating func keepTime(of path: MemberPath) throws(FileError) {
        var path = path
        while true {
            do {
                let place = try open(path)
                return directories.insert(place.inode, modified: place.modified)
            } catch {
                guard error.errno == .noSuchFileOrDirectory, !path.bytes.isEmpty else { throw error }
                path = path.parent
            }
        }
    }

    // MARK: What is there already

    private mutating func apply(_ whiteout: Whiteout, in path: MemberPath) throws {
        // Below the first layer there is nothing.
        guard layer > 1, whiteout != .foreign else { return }
        do {
            let place = try open(path)
            if !wasEmpty { directories.insert(place.inode, modified: place.modified) }
            let gone =
                if case .removal(let name) = whiteout { [FileName(name)] } else {
                    try place.directory.names()
                }
            for name in gone { try remove(name, in: place, sparing: names) }
        } catch let error as FileError {
            // What is not there needs no removing.
            guard Self.meansGone.contains(error.errno) else { throw error }
        }
    }

    private static let meansGone: [Errno] = [
        .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels,
    ]

    /// Removes an entry, but for what has one of the names.
    mutating func remove(
        _ name: FileName, in place: Place, sparing names: LayerNames = LayerNames()
    ) throws {
        let kind = try place.directory.status(of: name).kind
        if let kept = options.kept {
            try kept.remove(name, in: place.directory, at: place.realPath()) {
                names.contains($1, in: $0.inode)
            }
        } else {
            try place.directory.removeTree(name) { names.contains($1, in: $0.inode) }
        }
        // Another member's way may have led through it.
        if kind == .directory || kind == .symbolicLink { self.place = nil }
    }
}

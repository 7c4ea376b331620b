extension FileListing {
    /// What a stored listing begins with; the last byte is the version.
    static let beginning = Array("varve files".utf8) + [1]

    /// The listing as bytes, to be stored: equal for equal images, whatever layers they came of.
    ///
    ///     listing  = beginning count:4 traits:10 files… end:0 file-content file-content
    ///     file     = kind:1 name-length:1 name traits:10 [target-length:2 target] [files… end:0]
    ///     traits   = permissions:2 user:4 group:4
    ///     content  = state:1 [length:4 bytes]
    ///
    /// Numbers have their lowest byte first. Files of a directory are ordered by the bytes of their names; `count` is
    /// of all files. The contents are those of `etc/passwd` and `etc/group`.
    public var bytes: [UInt8] {
        var writer = ListingWriter()
        writer.put(Self.beginning)
        writer.put(UInt64(count), 4)
        writer.put(tree[FileTree.root].traits)
        // 0 stands for the end of a directory: the root is nobody's child.
        var waiting = [FileTree.root] + tree.sortedChildren(of: FileTree.root).reversed()
        while let node = waiting.popLast() {
            guard node != FileTree.root else {
                writer.put(0, 1)
                continue
            }
            let traits = tree[node].traits
            writer.put(UInt64(traits.kind.rawValue), 1)
            writer.put(UInt64(tree.name(of: node).count), 1)
            writer.put(tree.name(of: node))
            writer.put(traits)
            if traits.kind == .symbolicLink {
                writer.put(UInt64(tree.target(of: node).count), 2)
                writer.put(tree.target(of: node))
            }
            if traits.kind == .directory {
                waiting.append(FileTree.root)
                waiting += tree.sortedChildren(of: node).reversed()
            }
        }
        writer.put(accounts.passwd)
        writer.put(accounts.group)
        return writer.bytes
    }

    /// Reads what ``bytes`` gave.
    ///
    /// - Parameters:
    ///   - bytes: All of it, nothing more: nothing else than what ``bytes`` gives is taken.
    ///   - limits: How many files there may be.
    /// - Throws: ``LayerError/storedListing(_:)``.
    public init(bytes: [UInt8], _ limits: UnpackLimits = UnpackLimits()) throws(LayerError) {
        self.init()
        var reader = ListingReader(bytes)
        guard try reader.take(Self.beginning.count).elementsEqual(Self.beginning) else {
            throw .storedListing("it begins like something else, or like another version's")
        }
        let count = Int(try reader.number(4))
        guard count <= 2 * max(limits.entries, 0), count < FileTree.limit else {
            throw .storedListing("it has \(count) files")
        }
        tree.set(FileTree.root, try reader.traits(.directory))
        try readFiles(from: &reader)
        guard self.count == count else {
            throw .storedListing("it has \(self.count) files, and says \(count)")
        }
        let contents = (passwd: try reader.content(), group: try reader.content())
        guard reader.isAtEnd else { throw .storedListing("there is more behind its end") }
        try adopt(contents.passwd, at: AccountFiles.paths.passwd, member: 1)
        try adopt(contents.group, at: AccountFiles.paths.group, member: 2)
        (members, ends) = (2, nil)
        settleAccounts()
        guard accounts.passwd == contents.passwd, accounts.group == contents.group else {
            throw .storedListing("it says what is in a file that it does not have")
        }
    }

    private mutating func readFiles(from reader: inout ListingReader) throws(LayerError) {
        var directory = FileTree.root
        var last: ArraySlice<UInt8> = []
        while true {
            let kind = UInt8(try reader.number(1))
            guard kind != 0 else {
                if directory == FileTree.root { return }
                // A copy: a slice would make the tree copy all of its text.
                last = Array(tree.name(of: directory))[...]
                directory = tree[directory].parent
                continue
            }
            guard let kind = Kind(rawValue: kind) else { throw .storedListing("it has a file of no kind") }
            let name = try reader.take(Int(try reader.number(1)))
            guard Self.isName(name), last.lexicographicallyPrecedes(name) else {
                throw .storedListing("it has a name that is none, or not in its place")
            }
            let traits = try reader.traits(kind)
            let target = kind == .symbolicLink ? try reader.take(Int(try reader.number(2))) : []
            guard target.isEmpty == (kind != .symbolicLink), !target.contains(0) else {
                throw .storedListing("it has a link to nothing")
            }
            do {
                let node = try tree.insert(name, in: directory, traits, target: target, layer: 0)
                last = kind == .directory ? [] : name
                if kind == .directory { directory = node }
            } catch {
                throw .storedListing("\(error)")
            }
        }
    }

    private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
        !name.isEmpty && !name.contains(47) && !name.contains(0) && !name.elementsEqual([46])
            && !name.elementsEqual([46, 46])
    }

    private mutating func adopt(
        _ content: AccountFiles.Content, at path: [UInt8], member: UInt32
    ) throws(LayerError) {
        guard content != .absent else { return }
        guard let node = node(at: path), tree[node].traits.kind == .regular else {
            throw .storedListing("it says what is in a file that it does not have")
        }
        // Both paths may lead to one file.
        if tree[node].member == 0 { tree.attribute(node, to: member) }
        if content != .unknown { known[tree[node].member] = content }
    }
}

/// Writes the parts of a stored listing.
private struct ListingWriter {
    var bytes: [UInt8] = []

    mutating func put(_ more: some Collection<UInt8>) { bytes += more }

    mutating func put(_ number: UInt64, _ count: Int) {
        for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
    }

    mutating func put(_ traits: FileTree.Traits) {
        put(UInt64(traits.permissions), 2)
        put(UInt64(traits.user), 4)
        put(UInt64(traits.group), 4)
    }

    mutating func put(_ content: AccountFiles.Content) {
        switch content {
        case .absent: put(0, 1)
        case .bytes(let bytes):
            put(1, 1)
            put(UInt64(bytes.count), 4)
            put(bytes)
        case .tooLarge: put(2, 1)
        case .unknown: put(3, 1)
        }
    }
}

/// Takes a stored listing apart.
private struct ListingReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ count: Int) throws(LayerError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw .storedListing("it is cut off") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func number(_ count: Int) throws(LayerError) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func traits(_ kind: FileListing.Kind) throws(LayerError) -> FileTree.Traits {
        let permissions = UInt16(try number(2))
        let user = UInt32(try number(4))
        let group = UInt32(try number(4))
        guard permissions <= 0o7777, user != .max, group != .max else {
            throw .storedListing("it has a mode or an owner that no file has")
        }
        return FileTree.Traits(kind: kind, permissions: permissions, user: user, group: group)
    }

    mutating func content() throws(LayerError) -> AccountFiles.Content {
        switch try number(1) {
        case 0: return .absent
        case 1:
            let count = Int(try number(4))
            guard count <= AccountFiles.limit else { throw .storedListing("it keeps too large a file") }
            return .bytes(Array(try take(count)))
        case 2: return .tooLarge
        case 3: return .unknown
        default: throw .storedListing("it keeps a file in no way")
        }
    }
}

import Linux
import SystemPackage

/// A layer entry by entry, before a byte of it is written, and the image that it leads to.
///
/// Every path is followed in the image as it is so far: over the links of the
/// layers below, and to what was planned before. A layer names each directory
/// above its entries, because some engines unpack layers apart from each other
/// and would give those that are not named to nobody.
public struct LayerPlan: Sendable {
    /// The files of the image with this layer.
    public internal(set) var listing: FileListing
    /// What the layer holds, by its nodes in the listing.
    var entries: [FileTree.Number: PlannedEntry] = [:]
    let filter: AttributeFilter
    /// Sockets that were left out, and the first of them.
    var sockets = (count: 0, first: FilePath?.none)
    private var copies = 0

    /// An empty layer over an image.
    ///
    /// - Parameters:
    ///   - listing: The image's files; those of an empty image for a layer that shall not depend on what is below.
    ///   - filter: Which extended attributes are kept.
    public init(over listing: FileListing, _ filter: AttributeFilter) {
        self.listing = listing
        self.listing.layers += 1
        self.listing.ends = nil
        self.filter = filter
    }

    /// The most bytes of an entry's path: what Linux takes in one call, and readers of layers with it.
    static let pathLimit = 4096

    /// How many entries the layer has.
    public var count: Int { entries.count }

    // MARK: Verbs

    /// Makes a directory, and those above it that are missing; one that is there stays as it is.
    ///
    /// - Parameters:
    ///   - path: Where in the image; links in it are followed.
    ///   - attributes: What each directory gets that is made.
    /// - Throws: ``LayerError/place(_:_:)`` where the path leads to something else, or through it.
    public mutating func makeDirectory(
        _ path: [UInt8], _ attributes: CopyRules.Attributes
    ) throws(LayerError) {
        _ = try enter(path, attributes)
    }

    /// Puts a file there whose content is in memory.
    ///
    /// - Parameters:
    ///   - bytes: The content.
    ///   - name: Its name where the destination is a directory.
    ///   - destination: Where in the image, as ``copy(_:from:to:_:)`` takes it.
    ///   - attributes: What the file gets.
    ///   - parents: What each directory gets that is made on the way.
    /// - Throws: ``LayerError``.
    public mutating func addFile(
        _ bytes: [UInt8], named name: [UInt8], to destination: [UInt8], _ attributes: CopyRules.Attributes,
        parents: CopyRules.Attributes
    ) throws(LayerError) {
        let (place, name) = try target(of: destination, named: name, parents)
        try put(PlannedEntry(content: .bytes(bytes), attributes: attributes), name, in: place, parents)
        settleAccounts()
    }

    // MARK: Places

    /// A number for the names of one file in one copy.
    mutating func beginCopy() -> Int {
        copies += 1
        return copies
    }

    /// The directory that a path leads to, made where it is missing.
    mutating func enter(
        _ path: [UInt8], _ parents: CopyRules.Attributes
    ) throws(LayerError) -> FileTree.Number {
        var walk = PathWalk(path, followsLast: true)
        while true {
            switch walk.advance(in: listing.tree) {
            case .arrived where listing.tree[walk.place].traits.kind == .directory: return walk.place
            case .arrived: throw notDirectory(path, walk.place)
            case .notDirectory(let node): throw notDirectory(path, node)
            case .tooManyLinks:
                throw .place(FileListing.filePath(path), "it leads over more than 40 links")
            case .missing(let name):
                let entry = PlannedEntry(content: .directory, attributes: parents)
                walk.enter(try put(entry, Array(name), in: walk.place, parents))
            }
        }
    }

    /// Where a file goes: into a directory under its own name, else under the destination's.
    func target(
        of destination: [UInt8], named name: [UInt8], _ parents: CopyRules.Attributes
    ) throws(LayerError) -> (place: [UInt8], name: [UInt8]) {
        let found = try listing.resolve(destination)
        let isNamedAsDirectory = Self.isNamedAsDirectory(destination)
        if found.missing.isEmpty, found.entry.kind == .directory { return (found.path, name) }
        if isNamedAsDirectory {
            // Something else in its place is refused where the directory is entered.
            return (found.fullPath, name)
        }
        let path = try MemberPath(found.fullPath, limit: .max)
        return (path.parent.bytes, path.name)
    }

    /// Whether a path can only mean a directory.
    public static func isNamedAsDirectory(_ path: [UInt8]) -> Bool {
        guard let last = path.split(separator: 47, omittingEmptySubsequences: false).last else { return true }
        return last.isEmpty || last.elementsEqual([46]) || last.elementsEqual([46, 46])
    }

    func notDirectory(_ path: [UInt8], _ node: FileTree.Number) -> LayerError {
        let file = FileListing.filePath(listing.tree.path(of: node)).escapedDescription
        return .place(FileListing.filePath(path), "\(file) is no directory")
    }

    // MARK: Entries

    private mutating func put(
        _ entry: PlannedEntry, _ name: [UInt8], in place: [UInt8], _ parents: CopyRules.Attributes
    ) throws(LayerError) {
        let directory = try enter(place, parents)
        _ = try put(entry, name, in: directory, parents)
    }

    /// Adds an entry, in place of a file that is not a directory; a directory that is there gets its attributes.
    ///
    /// - Returns: Its node; another directory's where a link leads to it.
    @discardableResult
    mutating func put(
        _ entry: PlannedEntry, _ name: [UInt8], in directory: FileTree.Number,
        _ parents: CopyRules.Attributes
    ) throws(LayerError) -> FileTree.Number {
        func place() -> FilePath { FileListing.filePath(listing.tree.path(of: directory) + [47] + name) }
        guard !name.starts(with: Whiteout.prefix) else { throw .whiteoutName(place()) }
        let length = listing.tree.pathLength(of: directory) + 1 + name.count
        guard length <= Self.pathLimit else {
            throw .place(
                FilePath(bytes: Array(place().bytes.prefix(80))),
                "a path of \(length) bytes begins so, where \(Self.pathLimit) are allowed")
        }
        guard entry.attributes.user != .max, entry.attributes.group != .max else {
            throw .owner(place(), .max)
        }
        if let found = listing.tree.child(name[...], of: directory) {
            if case .directory = entry.content { return try merge(entry, into: found, parents) }
            guard listing.tree[found].traits.kind != .directory else {
                throw .place(place(), "a directory is there, and a file cannot take its place")
            }
            entries[found] = nil
            listing.tree.remove(found)
        }
        listing.members += 1
        let node = try listing.tree.insert(
            name[...], in: directory, entry.traits, target: entry.content.target[...], layer: listing.layers,
            member: entry.traits.kind == .regular ? listing.members : 0)
        nameParents(of: node, parents)
        entries[node] = entry
        return node
    }

    /// Gives a directory's attributes to one that is there, also where a link leads to it.
    private mutating func merge(
        _ entry: PlannedEntry, into found: FileTree.Number, _ parents: CopyRules.Attributes
    ) throws(LayerError) -> FileTree.Number {
        let path = listing.tree.path(of: found)
        guard let node = listing.node(at: path), listing.tree[node].traits.kind == .directory else {
            throw .place(
                FileListing.filePath(path),
                "what is there is no directory, and a directory cannot take its place")
        }
        guard node != FileTree.root else { return node }
        listing.tree.set(node, entry.traits)
        listing.tree.stamp(node, listing.layers)
        nameParents(of: node, parents)
        entries[node] = entry
        return node
    }

    /// Adds the directories above an entry, as they are.
    private mutating func nameParents(of node: FileTree.Number, _ parents: CopyRules.Attributes) {
        var above = listing.tree[node].parent
        while above != FileTree.root {
            // Those above it are there as well.
            guard entries[above] == nil else { return }
            let traits = listing.tree[above].traits
            entries[above] = PlannedEntry(
                content: .directory,
                attributes: CopyRules.Attributes(
                    user: traits.user, group: traits.group, permissions: UInt32(traits.permissions),
                    modified: parents.modified))
            above = listing.tree[above].parent
        }
    }
}

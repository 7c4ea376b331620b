import Linux
import SystemPackage

/// What a layer holds of a tree: what is new or changed, and the names of what is gone.
///
/// Every directory above a change is named with it, as in a ``LayerPlan``. The root is named where its owner, its
/// permissions or its extended attributes changed; when it changed does not count.
public struct TreeChanges: Sendable {
    /// The tree as it is now; of an overlay its upper directory.
    let tree: TreeSnapshot
    let filter: AttributeFilter
    /// The attributes that are overlayfs's own, where the tree is an upper directory.
    let overlay: OverlayAttributes?
    /// Paths below the root of which, and below which, nothing is named.
    private let leftOut: [[UInt8]]
    /// Whether an entry is named, by table and entry.
    private(set) var isNamed: [[Bool]]
    /// What is gone, by the directory that it was in.
    private(set) var removals = NameTable()
    /// Whether the root itself is named.
    var namesRoot = false
    /// When the root changed last, before what changed the tree.
    var rootModified: FileStatus.Time?
    /// Sockets that are new or changed and cannot be in a layer, and the first of them.
    private(set) var sockets = (count: 0, first: FilePath?.none)
    /// How many entries are named, and names are gone.
    public private(set) var count = 0

    /// Begins without changes.
    init(
        in tree: TreeSnapshot, _ filter: AttributeFilter, overlay: OverlayAttributes? = nil,
        leavingOut leftOut: [[UInt8]]
    ) {
        (self.tree, self.filter, self.overlay, self.leftOut) = (tree, filter, overlay, leftOut)
        isNamed = tree.tables.map { [Bool](repeating: false, count: $0.records.count) }
    }

    /// Whether nothing changed: a layer of it would hold nothing.
    public var isEmpty: Bool { count == 0 && !namesRoot }

    /// Names an entry, and the directories above it.
    ///
    /// - Throws: ``LayerError/whiteoutName(_:)``.
    mutating func name(_ entry: Int, in folder: Int) throws(LayerError) {
        guard leftOut.isEmpty || !isLeftOut(tree.path(of: entry, in: folder)) else { return }
        guard !tree.name(of: entry, in: tree.folders[folder]).starts(with: Whiteout.prefix) else {
            throw .whiteoutName(tree.location(tree.path(of: entry, in: folder)))
        }
        let table = Int(tree.folders[folder].table)
        guard !isNamed[table][entry] else { return }
        isNamed[table][entry] = true
        count += 1
        nameFolder(folder)
    }

    private mutating func nameFolder(_ folder: Int) {
        var number = folder
        while number != 0 {
            let entry = Int(tree.folders[number].entry)
            number = Int(tree.folders[number].parent)
            let table = Int(tree.folders[number].table)
            // Those above it are named as well.
            guard !isNamed[table][entry] else { return }
            isNamed[table][entry] = true
            count += 1
        }
    }

    /// Notes that a name is gone.
    mutating func remove(_ name: ArraySlice<UInt8>, in folder: Int) {
        if !leftOut.isEmpty {
            let above = tree.path(of: folder)
            guard !isLeftOut(above.isEmpty ? Array(name) : above + [47] + name) else { return }
        }
        removals.append(name, of: UInt32(folder))
        count += 1
        nameFolder(folder)
    }

    private func isLeftOut(_ path: [UInt8]) -> Bool {
        leftOut.contains { path.starts(with: $0) && (path.count == $0.count || path[$0.count] == 47) }
    }

    mutating func leaveOutSocket(_ entry: Int, in folder: Int) {
        if sockets.count == 0 { sockets.first = tree.location(tree.path(of: entry, in: folder)) }
        sockets.count += 1
    }

    /// Brings the names of what is gone into the order of the layer.
    mutating func finish() { removals.sort() }

    /// Whether an extended attribute belongs into a layer.
    func keeps(_ attribute: [UInt8]) -> Bool {
        overlay?.contain(attribute) != true && filter.keeps(attribute)
    }
}

/// Names in directories, without memory of its own for each.
struct NameTable: Sendable {
    private struct Item: Sendable {
        let folder: UInt32
        let start: UInt32
        let count: UInt8
    }

    private var items: [Item] = []
    private var bytes: [UInt8] = []

    mutating func append(_ name: ArraySlice<UInt8>, of folder: UInt32) {
        items.append(Item(folder: folder, start: UInt32(bytes.count), count: UInt8(name.count)))
        bytes += name
    }

    /// Orders by directory and name.
    mutating func sort() {
        let bytes = bytes
        func name(_ item: Item) -> ArraySlice<UInt8> {
            bytes[Int(item.start)..<Int(item.start) + Int(item.count)]
        }
        items.sort { one, two in
            one.folder != two.folder
                ? one.folder < two.folder : name(one).lexicographicallyPrecedes(name(two))
        }
    }

    func name(_ item: Int) -> ArraySlice<UInt8> {
        bytes[Int(items[item].start)..<Int(items[item].start) + Int(items[item].count)]
    }

    /// The names of a directory, once they are in order.
    func names(of folder: UInt32) -> Range<Int> {
        func first(where isBehind: (UInt32) -> Bool) -> Int {
            var range = 0..<items.count
            while !range.isEmpty {
                let middle = range.lowerBound + range.count / 2
                range =
                    isBehind(items[middle].folder)
                    ? range.lowerBound..<middle : middle + 1..<range.upperBound
            }
            return range.lowerBound
        }
        return first { $0 >= folder }..<first { $0 > folder }
    }
}

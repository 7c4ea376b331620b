/// The names of an image's files as a tree in memory: 48 bytes and a place in a hash table for each, and its text.
///
/// Nodes are numbers, names and link targets lie in one array. Nothing here goes
/// down a tree by recursion: a layer may nest directories as deep as it wants.
struct FileTree: Sendable {
    typealias Number = UInt32

    /// One name.
    struct Node: Sendable {
        /// Whether a file of this kind can be, who may do what, whom it belongs to.
        var traits: Traits
        fileprivate(set) var parent: Number
        fileprivate(set) var firstChild: Number = none
        fileprivate(set) var next: Number = none
        fileprivate var previous: Number = none
        /// The layer that gave the name, counted from 1; 0 for one that is long there.
        var layer: UInt32
        /// The member that made the file, counted over all layers; 0 where none did, or that is not known.
        ///
        /// Hard links share it.
        var member: UInt32
        fileprivate var name: (start: UInt32, count: UInt8)
        fileprivate var target: (start: UInt32, count: UInt16)
    }

    /// What hard links share.
    struct Traits: Sendable, Equatable {
        var kind: FileListing.Kind
        var permissions: UInt16
        var user: UInt32
        var group: UInt32

        /// What a directory has that nobody speaks of.
        static let unspoken = Traits(kind: .directory, permissions: 0o755, user: 0, group: 0)
    }

    /// The root's number.
    static let root: Number = 0
    /// No node's number.
    static let none = Number.max
    private static let gone = Number.max - 1

    /// The most names: twice what a layer may have entries, for directories that no entry names.
    static let limit = 4_000_000
    /// The most bytes of names and targets.
    static let textLimit = 512 << 20

    private(set) var nodes: [Node]
    private var text: [UInt8] = []
    private var unused: Number = FileTree.none
    /// How many names there are, the root among them.
    private(set) var count = 1
    /// Numbers by the hash of directory and name, with linear probing.
    private var table = [Number](repeating: FileTree.none, count: 64)
    /// How many places of the table are not free, those of removed names too.
    private var taken = 0

    init() {
        nodes = [
            Node(traits: .unspoken, parent: Self.root, layer: 0, member: 0, name: (0, 0), target: (0, 0))
        ]
    }

    subscript(_ node: Number) -> Node { nodes[Int(node)] }

    func name(of node: Number) -> ArraySlice<UInt8> {
        let place = nodes[Int(node)].name
        return text[Int(place.start)..<Int(place.start) + Int(place.count)]
    }

    /// A symbolic link's target; else empty.
    func target(of node: Number) -> ArraySlice<UInt8> {
        let place = nodes[Int(node)].target
        return text[Int(place.start)..<Int(place.start) + Int(place.count)]
    }

    /// The path below the root, without `/` in front.
    func path(of node: Number) -> [UInt8] {
        var names: [ArraySlice<UInt8>] = []
        var node = node
        while node != Self.root {
            names.append(name(of: node))
            node = self[node].parent
        }
        return Array(names.reversed().joined(separator: [47]))
    }

    /// How many bytes the path has, without putting it together.
    func pathLength(of node: Number) -> Int {
        var length = 0
        var node = node
        while node != Self.root {
            length += name(of: node).count + 1
            node = self[node].parent
        }
        return max(length - 1, 0)
    }

    /// What is in a directory, in no order.
    func children(of node: Number) -> [Number] {
        var found: [Number] = []
        var child = self[node].firstChild
        while child != Self.none {
            found.append(child)
            child = self[child].next
        }
        return found
    }

    /// What is in a directory, by the bytes of the names.
    func sortedChildren(of node: Number, where isWanted: (Number) -> Bool = { _ in true }) -> [Number] {
        children(of: node).filter(isWanted)
            .sorted { name(of: $0).lexicographicallyPrecedes(name(of: $1)) }
    }

    /// The entry of a directory that has a name.
    func child(_ name: ArraySlice<UInt8>, of parent: Number) -> Number? {
        var place = slot(name, parent)
        while table[place] != Self.none {
            let found = table[place]
            if found != Self.gone, self[found].parent == parent, self.name(of: found) == name { return found }
            place = (place + 1) & (table.count - 1)
        }
        return nil
    }

    // MARK: Changes

    /// Adds a name that is not there.
    ///
    /// - Throws: ``LayerError/hostile(_:_:)`` for a name or target that no Linux has, and for too many of them.
    mutating func insert(
        _ name: ArraySlice<UInt8>, in parent: Number, _ traits: Traits, target: ArraySlice<UInt8> = [],
        layer: UInt32, member: UInt32 = 0
    ) throws(LayerError) -> Number {
        func refuse(_ reason: String) throws(LayerError) -> Never {
            throw .hostile(FileListing.filePath(path(of: parent) + [47] + name), reason)
        }
        if name.count > 255 { try refuse("a name of \(name.count) bytes, where Linux takes 255") }
        if target.count > 4095 { try refuse("a target of \(target.count) bytes, where Linux takes 4095") }
        if count >= Self.limit { try refuse("the image has more than \(Self.limit) names") }
        if text.count > Self.textLimit {
            try refuse("the image has more than \(Self.textLimit >> 20) MiB of names and targets")
        }
        let node = Node(
            traits: traits, parent: parent, layer: layer, member: member,
            name: (append(name), UInt8(name.count)), target: (append(target), UInt16(target.count)))
        let number = take(node)
        let first = self[parent].firstChild
        nodes[Int(number)].next = first
        if first != Self.none { nodes[Int(first)].previous = number }
        nodes[Int(parent)].firstChild = number
        count += 1
        enroll(number)
        return number
    }

    /// Gives a node other traits.
    mutating func set(_ node: Number, _ traits: Traits) { nodes[Int(node)].traits = traits }

    /// Says that a layer gave the name anew.
    mutating func stamp(_ node: Number, _ layer: UInt32) { nodes[Int(node)].layer = layer }

    /// Says which member made the file.
    mutating func attribute(_ node: Number, to member: UInt32) { nodes[Int(node)].member = member }

    /// Removes a name and all that is below it.
    ///
    /// - Parameters:
    ///   - top: The name.
    ///   - layer: Whose names stay, with the directories above them; by default none.
    mutating func remove(_ top: Number, sparing layer: UInt32? = nil) {
        var found = [top]
        var next = 0
        while next < found.count {
            found += children(of: found[next])
            next += 1
        }
        for node in found.reversed() where layer == nil || self[node].layer != layer {
            if self[node].firstChild == Self.none { removeLeaf(node) }
        }
    }

    private mutating func removeLeaf(_ number: Number) {
        withdraw(number)
        let node = self[number]
        if node.previous == Self.none {
            nodes[Int(node.parent)].firstChild = node.next
        } else {
            nodes[Int(node.previous)].next = node.next
        }
        if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
        nodes[Int(number)].next = unused
        unused = number
        count -= 1
    }

    private mutating func take(_ node: Node) -> Number {
        guard unused != Self.none else {
            nodes.append(node)
            return Number(nodes.count - 1)
        }
        let number = unused
        unused = self[number].next
        nodes[Int(number)] = node
        return number
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        text += bytes
        return UInt32(text.count - bytes.count)
    }

    // MARK: The table

    private func slot(_ name: ArraySlice<UInt8>, _ parent: Number) -> Int {
        // Under a key of this process: nobody who makes layers can make all names collide.
        var hasher = Hasher()
        hasher.combine(parent)
        for byte in name { hasher.combine(byte) }
        return hasher.finalize() & (table.count - 1)
    }

    private mutating func enroll(_ number: Number) {
        if taken * 2 >= table.count { rebuild() }
        put(number)
    }

    private mutating func put(_ number: Number) {
        var place = slot(name(of: number), self[number].parent)
        while table[place] != Self.none { place = (place + 1) & (table.count - 1) }
        table[place] = number
        taken += 1
    }

    private mutating func withdraw(_ number: Number) {
        var place = slot(name(of: number), self[number].parent)
        while table[place] != number { place = (place + 1) & (table.count - 1) }
        table[place] = Self.gone
    }

    private mutating func rebuild() {
        let old = table
        var size = 64
        while size < count * 4 { size *= 2 }
        table = [Number](repeating: Self.none, count: size)
        taken = 0
        for number in old where number != Self.none && number != Self.gone { put(number) }
    }
}

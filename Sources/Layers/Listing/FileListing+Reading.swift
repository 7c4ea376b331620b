import Linux
import Tar

extension FileListing {
    /// Lists the files of layers that lie over each other.
    ///
    /// Each is read once and verified; one more time where `etc/passwd` or `etc/group` turns out to be a link to
    /// another file of it.
    ///
    /// - Parameters:
    ///   - layers: The layers, the lowest first.
    ///   - progress: Told how many bytes of the tars came, time and again.
    /// - Throws: As ``apply(_:progress:)``.
    public init(
        of layers: [LayerListing], progress: @escaping (_ bytes: Int) -> Void = { _ in }
    ) throws {
        self.init()
        for layer in layers { try apply(layer, progress: progress) }
        let ends = ends ?? []
        for path in [AccountFiles.paths.passwd, AccountFiles.paths.group] {
            guard let node = node(at: path), tree[node].traits.kind == .regular, tree[node].member > 0,
                known[tree[node].member] == nil,
                let number = ends.firstIndex(where: { $0 >= tree[node].member })
            else { continue }
            let member = tree[node].member
            let below = number == 0 ? 0 : ends[number - 1]
            var position = below
            _ = try layers[number].walk(progress: progress) { entry, reader, _ in
                position += 1
                guard position == member, case .regular(let size) = entry.kind else { return }
                known[member] = try AccountFiles.Content(reading: &reader, size: size)
            }
        }
        settleAccounts()
    }

    /// Puts a layer over those before it.
    ///
    /// - Parameters:
    ///   - layer: The layer; it is read once and verified.
    ///   - progress: Told how many bytes of the tar came, time and again.
    /// - Throws: ``LayerError``, `TarError`, `CompressionError`, `FileError`, `ThreadError`, `Interruption`. The listing
    ///   is then as it was.
    public mutating func apply(
        _ layer: LayerListing, progress: @escaping (_ bytes: Int) -> Void = { _ in }
    ) throws {
        var merge = LayerMerge(
            over: tree, layer: layers + 1, membersBelow: members, layer.limits)
        var found = known
        var number = 0
        let summary = try layer.walk(progress: progress) { entry, reader, _ in
            number += 1
            guard let node = try merge.apply(entry, number: number),
                case .regular(let size) = entry.kind, Self.isAccountFile(node, of: merge.tree)
            else { return }
            found[merge.tree[node].member] = try AccountFiles.Content(reading: &reader, size: size)
            if found.count > 8 {
                found = found.filter { member, _ in Self.wanted(in: merge.tree).contains(member) }
            }
        }
        try merge.finish()
        tree = merge.tree
        known = found
        layers += 1
        members += UInt32(summary.entries)
        ends?.append(members)
        settleAccounts()
    }

    /// Whether a file is called like one of the two, in the directory where they belong.
    private static func isAccountFile(_ node: FileTree.Number, of tree: FileTree) -> Bool {
        let name = tree.name(of: node)
        guard name.elementsEqual("passwd".utf8) || name.elementsEqual("group".utf8) else { return false }
        var walk = PathWalk("etc".utf8, followsLast: true)
        guard case .arrived = walk.advance(in: tree) else { return false }
        return walk.place == tree[node].parent
    }

    /// The members that the two files come from now.
    private static func wanted(in tree: FileTree) -> [UInt32] {
        [AccountFiles.paths.passwd, AccountFiles.paths.group].compactMap { path in
            var walk = PathWalk(path, followsLast: true)
            guard case .arrived = walk.advance(in: tree) else { return nil }
            return tree[walk.place].member
        }
    }

    /// Says what the two files hold now, and forgets what others held.
    mutating func settleAccounts() {
        let wanted = Self.wanted(in: tree)
        known = known.filter { wanted.contains($0.key) }
        accounts.passwd = content(at: AccountFiles.paths.passwd)
        accounts.group = content(at: AccountFiles.paths.group)
    }

    private func content(at path: [UInt8]) -> AccountFiles.Content {
        guard let node = node(at: path), tree[node].traits.kind == .regular else { return .absent }
        return known[tree[node].member] ?? .unknown
    }
}

extension AccountFiles.Content {
    /// Reads a member's content; what lies in a hole is zero.
    fileprivate init(reading reader: inout TarReader, size: Int64) throws {
        guard size <= AccountFiles.limit else {
            self = .tooLarge
            return
        }
        var bytes: [UInt8] = []
        try reader.content { offset, stretch in
            bytes += [UInt8](repeating: 0, count: Int(offset) - bytes.count)
            for index in stretch.indices { bytes.append(stretch[index]) }
        }
        self = .bytes(bytes + [UInt8](repeating: 0, count: Int(size) - bytes.count))
    }
}

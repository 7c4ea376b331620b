public import Linux
import Tar

/// What a file held before a program ran, as the layers tell it.
public struct EarlierFile: Sendable {
    /// The SHA-256 value of a regular file's content.
    public let content: ContentHash?
    /// A symbolic link's target; else empty.
    public let target: [UInt8]
    /// Extended attributes, ordered by the bytes of their names.
    public let attributes: [ExtendedAttribute]
}

extension ImageFiles {
    /// Tells what files of the image held, for ``TreeChanges/init(from:to:_:earlier:)``.
    ///
    /// Each layer that holds any of them is read and verified once.
    ///
    /// - Parameters:
    ///   - paths: Below the root, without `/` in front; no component is followed as a link.
    ///   - filter: Which extended attributes are told.
    ///   - progress: Told how many bytes of the tars came, time and again.
    /// - Throws: ``LayerError``, `TarError`, `CompressionError`, `FileError`, `ThreadError`, `Interruption`.
    /// - Returns: A file for each path, in the same order; `nil` where the layers have none.
    public func earlierFiles(
        at paths: [[UInt8]], _ filter: AttributeFilter, progress: @escaping (_ bytes: Int) -> Void = { _ in }
    ) throws -> [EarlierFile?] {
        let nodes = paths.map { path in
            path.split(separator: 47).reduce(FileTree.Number?.some(FileTree.root)) { node, name in
                node.flatMap { listing.tree.child(name, of: $0) }
            }
        }
        let wanted = Set(nodes.compactMap { $0.map { listing.tree[$0].member } }).subtracting([0])
        var found: [UInt32: (content: ContentHash?, attributes: [ExtendedAttribute])] = [:]
        try forEachMember(of: wanted, progress: progress) { number, entry, reader, holes, limit in
            var content: ContentHash?
            if case .regular(let size) = entry.kind {
                content = try ContentHash(of: &reader, size: size, holes: &holes, limit: limit)
            }
            let attributes = entry.attributes.filter { filter.keeps($0.name) }
                .map { ExtendedAttribute(name: $0.name, value: $0.value) }
                .sorted { $0.name.lexicographicallyPrecedes($1.name) }
            found[number] = (content, attributes)
        }
        return nodes.map { node in
            guard let node else { return nil }
            guard let member = found[listing.tree[node].member] else { return unspoken(node) }
            return EarlierFile(
                content: member.content, target: Array(listing.tree.target(of: node)),
                attributes: member.attributes)
        }
    }

    /// What there is without a member of its own: a directory that only what lies in it speaks of.
    private func unspoken(_ node: FileTree.Number) -> EarlierFile? {
        guard listing.tree[node].member == 0, listing.tree[node].traits.kind == .directory else { return nil }
        return EarlierFile(content: nil, target: [], attributes: [])
    }
}

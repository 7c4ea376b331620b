import Cryptography
import Linux
public import OCI

extension ImageSelection {
    /// A digest of what was selected, equal for what makes equal layers but for times.
    ///
    /// Part of it are names, kinds, modes, owners, targets, attributes, contents, and which names are names of one file.
    ///
    ///     fingerprint = SHA-256 of "varve selection 1" root…
    ///     root        = own-name count:8 file…
    ///     file        = path kind:8 kept:8 [mode:8 user:8 group:8 target device:8 attribute-count:8 attribute…
    ///                   content-digest first-name:8]
    ///     attribute   = name value
    ///
    /// Names and values come behind their length in 8 bytes; numbers have their lowest byte first. Files are in the
    /// order of their names. A selected directory has the path of no bytes, and nothing but its kind, for its
    /// attributes are not copied; a file its own name, which it keeps in a directory.
    ///
    /// - Throws: ``LayerError``, `CryptographyError`, `Interruption`.
    public var fingerprint: Digest {
        get throws {
            var sha256 = try SHA256()
            var fields = EntryFields()
            fields.put("varve selection 1".utf8)
            for root in roots {
                let isDirectory = tree[root.node].traits.kind == .directory
                let name = PathWalk.components(root.path[...]).last ?? []
                fields.put(isDirectory ? [] : name)
                fields.put(UInt64(root.content.count))
                if isDirectory {
                    put([], .directory, isKept: true, into: &fields)
                } else {
                    var firstNames: [UInt32: UInt64] = [:]
                    try put(root.node, [], isKept: true, &firstNames, into: &fields)
                }
                var firstNames: [UInt32: UInt64] = [:]
                for (node, isKept) in root.content {
                    try Interruption.check()
                    try put(node, path(of: node, below: root), isKept: isKept, &firstNames, into: &fields)
                    sha256.update(fields.bytes.span)
                    fields.clear()
                }
            }
            sha256.update(fields.bytes.span)
            return Digest(sha256: sha256.finish())
        }
    }

    private func put(
        _ path: [UInt8], _ kind: FileListing.Kind, isKept: Bool, into fields: inout EntryFields
    ) {
        fields.put(path)
        fields.put(UInt64(kind.rawValue))
        fields.put(UInt64(isKept ? 1 : 0))
    }

    // The numbers say which names a shared member had first.
    private func put(
        _ node: FileTree.Number, _ path: [UInt8], isKept: Bool, _ firstNames: inout [UInt32: UInt64],
        into fields: inout EntryFields
    ) throws {
        let traits = tree[node].traits
        let member = try member(of: node)
        put(path, traits.kind, isKept: isKept, into: &fields)
        for number in [UInt32(traits.permissions), traits.user, traits.group] { fields.put(UInt64(number)) }
        fields.put(tree.target(of: node))
        fields.put(UInt64(member.device.major) << 32 | UInt64(member.device.minor))
        fields.put(member.attributes.sorted { $0.name.lexicographicallyPrecedes($1.name) })
        fields.put((member.hash.map { "\($0.digest)" } ?? "").utf8)
        guard let shared = sharedMember(of: node) else { return fields.put(UInt64(0)) }
        let next = UInt64(firstNames.count) + 1
        fields.put(firstNames[shared] ?? next)
        if firstNames[shared] == nil { firstNames[shared] = next }
    }
}

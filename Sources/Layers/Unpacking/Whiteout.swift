/// What a member's name says of the layers below.
///
/// Source: OCI image-spec v1.1, layer.md, "Whiteouts".
enum Whiteout: Equatable {
    /// The directory shows nothing of the layers below.
    case opaque
    /// The layers below have no entry of this name any more.
    case removal([UInt8])
    /// The file system that made the layer keeps its own books there (aufs): nothing for a tree.
    case foreign

    /// What every whiteout's name begins with.
    static let prefix = Array(".wh.".utf8)

    /// - Returns: `nil` for the name of a file.
    /// - Throws: ``LayerError/hostile(_:_:)`` for one that would remove the directory itself, or the one above; and for
    ///   a file in a directory that is named like a whiteout.
    init?(_ path: MemberPath) throws(LayerError) {
        for name in path.parent.bytes.split(separator: 47) where name.starts(with: Self.prefix) {
            guard name.dropFirst(Self.prefix.count).starts(with: Self.prefix) else {
                throw .hostile(path.filePath, "a file in a whiteout")
            }
            self = .foreign
            return
        }
        let name = path.name
        guard name.starts(with: Self.prefix) else { return nil }
        let rest = Array(name.dropFirst(Self.prefix.count))
        if rest.elementsEqual(".wh..opq".utf8) {
            self = .opaque
        } else if rest.starts(with: Self.prefix) {
            self = .foreign
        } else if rest.isEmpty || rest == [46] || rest == [46, 46] {
            throw .hostile(path.filePath, "a whiteout of nothing, or of its own directory")
        } else {
            self = .removal(rest)
        }
    }
}

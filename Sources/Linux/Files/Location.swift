import SystemPackage

/// Where an open file or directory was found; its path is put together only for a message.
///
/// Paths cost more than everything else about a small file.
indirect enum Location: Sendable {
    case path(FilePath)
    case entry(in: Location, FileName)
    /// A path of bytes below a root, as a walk goes.
    case below(FilePath, [UInt8])

    var path: FilePath {
        switch self {
        case .path(let path): path
        case .entry(let parent, let name): FilePath(bytes: Self.joined(parent.path.bytes, Array(name.bytes)))
        case .below(let root, let path):
            path.isEmpty ? root : FilePath(bytes: Self.joined(root.bytes, path))
        }
    }

    private static func joined(_ parent: [UInt8], _ name: [UInt8]) -> [UInt8] {
        parent.isEmpty || parent == [UInt8(ascii: ".")] ? name : parent + [UInt8(ascii: "/")] + name
    }
}

import Linux
import Tar

/// An entry of a layer that is still to be written.
struct PlannedEntry: Sendable {
    /// What it is made of.
    enum Content: Sendable {
        case directory
        /// A file below a source, by its path without links, as it was when it was met.
        case file(CopySource, path: [UInt8], FileStatus)
        case bytes([UInt8])
        /// A file that lies in no directory.
        case spooled(Spool, Spool.Place)
        case link(target: [UInt8])
        case special(TarEntry.Kind)

        /// What it is in a listing.
        var kind: FileListing.Kind {
            switch self {
            case .directory: .directory
            case .file, .bytes, .spooled: .regular
            case .link: .symbolicLink
            case .special(.characterDevice): .characterDevice
            case .special(.blockDevice): .blockDevice
            case .special: .fifo
            }
        }

        /// A symbolic link's target; else empty.
        var target: [UInt8] { if case .link(let target) = self { target } else { [] } }
    }

    /// What names of one file have in common within one copy: all of them become one file in the layer.
    struct Family: Hashable, Sendable {
        /// What the names are names of, in the source.
        enum File: Hashable, Sendable {
            case inode(FileStatus.Identity)
            case member(UInt32)
        }

        let copy: Int
        let file: File
        let user: UInt32
        let group: UInt32
        let permissions: UInt32
    }

    var content: Content
    var attributes: CopyRules.Attributes
    /// Extended attributes; those of a file below a source are read with it.
    var extended: [ExtendedAttribute] = []
    var family: Family?

    /// The header, but for the attributes that come with a file.
    func member(_ path: [UInt8], latestTime: Int64?) -> TarEntry {
        let kind: TarEntry.Kind =
            switch content {
            case .directory: .directory
            case .file(_, _, let status): .regular(size: status.size)
            case .bytes(let bytes): .regular(size: Int64(bytes.count))
            case .spooled(_, let place): .regular(size: place.size)
            case .link(let target): .symbolicLink(target: target)
            case .special(let kind): kind
            }
        return TarEntry(
            path: path, kind: kind, permissions: attributes.permissions, user: attributes.user,
            group: attributes.group, modified: min(attributes.modified, latestTime ?? .max),
            attributes: extended.map { ($0.name, $0.value) })
    }

    /// What the entry is in a listing.
    var traits: FileTree.Traits {
        FileTree.Traits(
            kind: content.kind,
            permissions: content.kind == .symbolicLink
                ? 0o777 : UInt16(truncatingIfNeeded: attributes.permissions & 0o7777),
            user: attributes.user, group: attributes.group)
    }
}

import Linux
import Tar

/// What layers say of files and a plain user's file system cannot hold.
///
/// Files are known by their inodes: hard links share what is said, and a member
/// that came through a link is the file that it led to.
struct ExtractedOwners {
    /// Whom a file belongs to, and what others may do with it.
    struct Record {
        let user: UInt32
        let group: UInt32
        let permissions: UInt16
    }

    private var records: [UInt64: Record] = [:]
    /// The devices that empty files stand for.
    private(set) var devices: [UInt64: TarEntry.Kind] = [:]
    /// The attributes that could not be set.
    private(set) var attributes: [UInt64: [ExtendedAttribute]] = [:]

    /// Remembers a file that was just made, in place of one that had its inode before.
    mutating func insert(_ inode: UInt64, _ entry: TarEntry, leftOut: [ExtendedAttribute]) {
        records[inode] = Record(
            user: entry.user, group: entry.group,
            permissions: UInt16(truncatingIfNeeded: entry.permissions & 0o7777))
        attributes[inode] = leftOut.isEmpty ? nil : leftOut
        switch entry.kind {
        case .characterDevice, .blockDevice: devices[inode] = entry.kind
        default: devices[inode] = nil
        }
    }

    subscript(_ inode: UInt64) -> Record? { records[inode] }
}

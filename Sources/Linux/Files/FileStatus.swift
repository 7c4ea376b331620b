import CLinux
import Glibc

/// What stat(2) says of a file.
public struct FileStatus: Equatable, Sendable {
    /// The kind of file, from the mode's upper bits.
    public enum Kind: Sendable {
        case regular, directory, symbolicLink, fifo, socket, characterDevice, blockDevice

        init(mode: UInt32) {
            self =
                switch mode & S_IFMT {
                case S_IFDIR: .directory
                case S_IFLNK: .symbolicLink
                case S_IFIFO: .fifo
                case S_IFSOCK: .socket
                case S_IFCHR: .characterDevice
                case S_IFBLK: .blockDevice
                default: .regular
                }
        }
    }

    /// Which file it is: names with equal identities are hard links of each other.
    ///
    /// An inode number alone names a file on one file system only.
    public struct Identity: Hashable, Sendable {
        /// The file system's number.
        public let device: UInt64
        /// The file's number on it.
        public let inode: UInt64

        /// A file by its numbers.
        public init(device: UInt64, inode: UInt64) { (self.device, self.inode) = (device, inode) }
    }

    /// A point in time.
    public struct Time: Hashable, Sendable {
        /// Seconds since 1970.
        public let seconds: Int64
        /// Nanoseconds within the second.
        public let nanoseconds: Int64

        /// A point in time.
        public init(seconds: Int64, nanoseconds: Int64) {
            (self.seconds, self.nanoseconds) = (seconds, nanoseconds)
        }
    }

    /// The kind of file.
    public let kind: Kind
    /// Which file it is.
    public let identity: Identity
    /// Permissions with setuid, setgid and sticky: the mode's lower 12 bits.
    public let permissions: UInt32
    /// The number of names.
    public let links: UInt64
    /// The owner's number.
    public let user: UInt32
    /// The group's number.
    public let group: UInt32
    /// Bytes of content; for a symbolic link, of its target.
    public let size: Int64
    /// 512-byte blocks on disk; fewer than the size needs mean holes.
    public let blocks: Int64
    /// When the content changed.
    public let modified: Time
    /// When content or attributes changed.
    public let changed: Time
    /// Major and minor number of a device file.
    public let deviceNumber: (major: UInt32, minor: UInt32)

    init(_ status: stat) {
        kind = Kind(mode: status.st_mode)
        identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        permissions = UInt32(status.st_mode & 0o7777)
        links = UInt64(status.st_nlink)
        user = status.st_uid
        group = status.st_gid
        size = Int64(status.st_size)
        blocks = Int64(status.st_blocks)
        modified = Time(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
        changed = Time(seconds: Int64(status.st_ctim.tv_sec), nanoseconds: Int64(status.st_ctim.tv_nsec))
        deviceNumber = (linux_major(status.st_rdev), linux_minor(status.st_rdev))
    }

    /// Whether content and attributes are as they were: the same file, size and times.
    public static func == (first: FileStatus, second: FileStatus) -> Bool {
        first.kind == second.kind && first.identity == second.identity && first.size == second.size
            && first.modified == second.modified && first.changed == second.changed
    }
}

/// What files become when they are copied into an image.
public struct CopyRules {
    /// Whether a file comes along.
    public enum Verdict: Sendable {
        /// It does.
        case kept
        /// A directory that does not, but something in it may; it comes along then.
        case keptForContent
        /// Neither it nor anything in it.
        case leftOut
    }

    /// Whom what a build makes belongs to, what may be done with it, and how old it is.
    public struct Attributes: Equatable, Sendable {
        /// The owner's number.
        public var user: UInt32 = 0
        /// The group's number.
        public var group: UInt32 = 0
        /// Permissions with setuid, setgid and sticky: 12 bits.
        public var permissions: UInt32
        /// In seconds since 1970.
        public var modified: Int64

        /// Root's, unless said otherwise.
        public init(user: UInt32 = 0, group: UInt32 = 0, permissions: UInt32, modified: Int64) {
            (self.user, self.group) = (user, group)
            (self.permissions, self.modified) = (permissions, modified)
        }
    }

    /// Decides on a file that was found below a source, and on the source itself.
    ///
    /// Told its path below the source's root, without links; its path below what is copied, empty for that itself;
    /// and whether it is a directory.
    public var verdict: (_ path: [UInt8], _ below: [UInt8], _ isDirectory: Bool) -> Verdict = { _, _, _ in
        .kept
    }
    /// Whom a file belongs to, by what it is in its source; by default to root.
    public var owner: (FileListing.Entry) -> (user: UInt32, group: UInt32) = { _ in (0, 0) }
    /// A file's permissions, 12 bits, by what it is in its source; by default the same.
    ///
    /// Not asked for links, which have none.
    public var permissions: (FileListing.Entry) -> UInt32 = { $0.permissions }
    /// What directories get that are made on the way to a destination.
    ///
    /// Those that are there keep theirs; the layer, which names them again, gives them this time.
    public var parents: Attributes

    /// Everything comes along, as root's.
    ///
    /// - Parameter modified: How old the directories are that are made on the way, in seconds since 1970.
    public init(modified: Int64) { parents = Attributes(permissions: 0o755, modified: modified) }
}

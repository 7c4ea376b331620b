/// One member of a tar, as its header describes it.
public struct TarEntry: Equatable, Sendable {
    /// The kind of file, with what only that kind has.
    public enum Kind: Equatable, Sendable {
        /// A file; so many bytes of content follow.
        case regular(size: Int64)
        /// A directory.
        case directory
        /// A symbolic link and its target, as it stands.
        case symbolicLink(target: [UInt8])
        /// A further name of an earlier member, named by that member's path.
        case hardLink(target: [UInt8])
        /// A named pipe.
        case fifo
        /// A character device.
        case characterDevice(major: UInt32, minor: UInt32)
        /// A block device.
        case blockDevice(major: UInt32, minor: UInt32)
    }

    /// The path: bytes in no encoding.
    ///
    /// Written, it is relative, without `./` in front or `/` behind; read, it is as it stands.
    public var path: [UInt8]
    /// The kind of file.
    public var kind: Kind
    /// Permissions with setuid, setgid and sticky: 12 bits.
    public var permissions: UInt32
    /// The owner's number.
    public var user: UInt32
    /// The group's number.
    public var group: UInt32
    /// When the content changed, in seconds since 1970.
    public var modified: Int64
    /// What comes on top of that; varve writes none, others do.
    public var nanoseconds: UInt32 = 0
    /// Extended attributes in the order they are written.
    public var attributes: [(name: [UInt8], value: [UInt8])]

    /// A member.
    public init(
        path: [UInt8], kind: Kind, permissions: UInt32, user: UInt32 = 0, group: UInt32 = 0,
        modified: Int64 = 0, attributes: [(name: [UInt8], value: [UInt8])] = []
    ) {
        (self.path, self.kind, self.permissions) = (path, kind, permissions)
        (self.user, self.group, self.modified, self.attributes) = (user, group, modified, attributes)
    }

    /// The name of an attribute that libarchive would spell with `%3D` and the like, which its readers do not undo; shown
    /// with `?` for what is no visible ASCII.
    var firstUnspeakableAttribute: String? {
        let percent = UInt8(ascii: "%")
        let equal = UInt8(ascii: "=")
        let found = attributes.first { attribute in
            !attribute.name.allSatisfy { (33...126).contains($0) && $0 != percent && $0 != equal }
        }
        return found.map { attribute in
            String(decoding: attribute.name.map { (33...126).contains($0) ? $0 : 63 }, as: UTF8.self)
        }
    }

    /// Whether path and target mean the same in every character set.
    var hasASCIINames: Bool {
        let target: [UInt8] =
            switch kind {
            case .symbolicLink(let target), .hardLink(let target): target
            default: []
            }
        return path.allSatisfy { $0 < 128 } && target.allSatisfy { $0 < 128 }
    }

    /// Whether all of the header is equal.
    public static func == (first: TarEntry, second: TarEntry) -> Bool {
        first.path == second.path && first.kind == second.kind && first.permissions == second.permissions
            && first.user == second.user && first.group == second.group && first.modified == second.modified
            && first.nanoseconds == second.nanoseconds
            && first.attributes.elementsEqual(second.attributes) { $0 == $1 }
    }
}

import Cryptography
import Tar

/// What a layer says of an entry in 88 bytes, so that large layers can be compared in memory.
///
/// Names are hashes of 64 bits under a key of this process: nobody who makes
/// layers can make two of them collide.
struct EntryRecord: Sendable {
    /// The path, without `.` and `/` that change nothing.
    let name: Int
    /// The link's target and the extended attributes.
    let details: Int
    /// The header's bytes.
    let header: Int
    let content: ContentHash
    private let modified: Int64
    /// A file's size, a device's numbers.
    private let measure: UInt64
    private let user: UInt32
    private let group: UInt32
    private let nanoseconds: UInt32
    private let permissions: UInt16
    private let kind: Kind

    private enum Kind: UInt8 {
        case regular, directory, symbolicLink, hardLink, fifo, characterDevice, blockDevice
    }

    /// - Parameters:
    ///   - entry: The entry.
    ///   - content: The SHA-256 value of a file's content.
    ///   - header: The header's bytes.
    init(_ entry: TarEntry, content: ContentHash?, header: [UInt8]?) {
        var nameHasher = Hasher()
        nameHasher.combine(bytes: Self.name(of: entry.path))
        name = nameHasher.finalize()
        var headerHasher = Hasher()
        headerHasher.combine(bytes: header ?? [])
        self.header = headerHasher.finalize()
        self.content = content ?? ContentHash()
        (modified, nanoseconds) = (entry.modified, entry.nanoseconds)
        (user, group) = (entry.user, entry.group)
        permissions = UInt16(truncatingIfNeeded: entry.permissions & 0o7777)
        var hasher = Hasher()
        for (name, value) in entry.attributes.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            hasher.combine(bytes: name)
            hasher.combine(bytes: value)
        }
        var measure: UInt64 = 0
        switch entry.kind {
        case .regular(let size): (kind, measure) = (.regular, UInt64(bitPattern: size))
        case .directory: kind = .directory
        case .fifo: kind = .fifo
        case .symbolicLink(let target):
            kind = .symbolicLink
            hasher.combine(bytes: target)
        case .hardLink(let target):
            kind = .hardLink
            hasher.combine(bytes: Self.name(of: target))
        case .characterDevice(let major, let minor):
            (kind, measure) = (.characterDevice, UInt64(major) << 32 | UInt64(minor))
        case .blockDevice(let major, let minor):
            (kind, measure) = (.blockDevice, UInt64(major) << 32 | UInt64(minor))
        }
        self.measure = measure
        details = hasher.finalize()
    }

    /// A path without `.` and without `/` in front, behind or doubled.
    static func name(of path: [UInt8]) -> [UInt8] {
        isPlain(path)
            ? path
            : Array(path.split(separator: 47).filter { !$0.elementsEqual([46]) }.joined(separator: [47]))
    }

    /// Most are: nothing is to be taken apart then.
    private static func isPlain(_ path: [UInt8]) -> Bool {
        var before: UInt8 = 47
        for byte in path {
            if before == 47, byte == 47 || byte == 46 { return false }
            before = byte
        }
        return before != 47
    }

    /// Whether all that a layer can say of an entry is equal.
    func hasFields(of other: EntryRecord) -> Bool {
        kind == other.kind && permissions == other.permissions && user == other.user && group == other.group
            && modified == other.modified && nanoseconds == other.nanoseconds && measure == other.measure
            && details == other.details && content == other.content
    }

    /// The entry again, of what only hashes are kept of given anew.
    func entry(
        path: [UInt8], target: [UInt8], attributes: [(name: [UInt8], value: [UInt8])]
    ) -> TarEntry {
        let device = (major: UInt32(measure >> 32), minor: UInt32(truncatingIfNeeded: measure))
        let kind: TarEntry.Kind =
            switch self.kind {
            case .regular: .regular(size: Int64(bitPattern: measure))
            case .directory: .directory
            case .symbolicLink: .symbolicLink(target: target)
            case .hardLink: .hardLink(target: target)
            case .fifo: .fifo
            case .characterDevice: .characterDevice(major: device.major, minor: device.minor)
            case .blockDevice: .blockDevice(major: device.major, minor: device.minor)
            }
        var entry = TarEntry(
            path: path, kind: kind, permissions: UInt32(permissions), user: user, group: group,
            modified: modified, attributes: attributes)
        entry.nanoseconds = nanoseconds
        return entry
    }
}

extension Hasher {
    /// Adds bytes and their number, eight at a time: one at a time is a fifth of a comparison's time.
    fileprivate mutating func combine(bytes: [UInt8]) {
        combine(bytes.count)
        var word: UInt64 = 0
        for (number, byte) in bytes.enumerated() {
            word = word << 8 | UInt64(byte)
            if number & 7 == 7 {
                combine(word)
                word = 0
            }
        }
        combine(word)
    }
}

/// What `etc/passwd` and `etc/group` of an image say: names of users and groups, for those who give files to them.
///
/// Source: passwd(5), group(5).
public struct AccountFiles: Equatable, Sendable {
    /// One of the two files.
    public enum Content: Equatable, Sendable {
        /// There is none, or it is no regular file.
        case absent
        /// What it holds.
        case bytes([UInt8])
        /// More than ``AccountFiles/limit`` bytes.
        case tooLarge
        /// A link leads to a file whose content nobody kept.
        case unknown
    }

    /// The most bytes of either file that are kept: 1 MiB.
    public static let limit = 1 << 20
    /// The files' paths.
    static let paths = (passwd: Array("etc/passwd".utf8), group: Array("etc/group".utf8))

    /// `etc/passwd`, over all links.
    public internal(set) var passwd = Content.absent
    /// `etc/group`, over all links.
    public internal(set) var group = Content.absent

    /// Nothing is known.
    init() {}

    /// The two files' content; `nil` for one that is not there.
    public init(passwd: [UInt8]?, group: [UInt8]?) {
        self.passwd = passwd.map { .bytes($0) } ?? .absent
        self.group = group.map { .bytes($0) } ?? .absent
    }

    /// The number of a user and of his group, by his name.
    public func user(named name: [UInt8]) -> (user: UInt32, group: UInt32)? {
        guard let fields = passwd.line(of: name), fields.count >= 4, let user = number(fields[2]),
            let group = number(fields[3])
        else { return nil }
        return (user, group)
    }

    /// The name of a user and the number of his group, by his own number.
    public func user(numbered user: UInt32) -> (name: [UInt8], group: UInt32)? {
        guard let fields = passwd.lines.first(where: { $0.count >= 4 && number($0[2]) == user }),
            let group = number(fields[3])
        else { return nil }
        return (Array(fields[0]), group)
    }

    /// The number of a group, by its name.
    public func group(named name: [UInt8]) -> UInt32? {
        guard let fields = group.line(of: name), fields.count >= 3 else { return nil }
        return number(fields[2])
    }

    /// The directory of a user, by his number.
    public func home(of user: UInt32) -> [UInt8]? {
        let line = passwd.lines.first { $0.count >= 6 && number($0[2]) == user }
        return line.flatMap { $0[5].isEmpty ? nil : Array($0[5]) }
    }

    /// The groups that name a user among their members.
    public func groups(having user: [UInt8]) -> [UInt32] {
        group.lines.compactMap { fields in
            guard fields.count >= 4,
                fields[3].split(separator: 44).contains(where: { $0.elementsEqual(user) })
            else { return nil }
            return number(fields[2])
        }
    }

    private func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
        // The largest one means "none".
        UInt32(String(decoding: digits, as: UTF8.self)).flatMap { $0 == .max ? nil : $0 }
    }
}

extension AccountFiles.Content {
    /// The fields of each line.
    fileprivate var lines: some Sequence<[ArraySlice<UInt8>]> {
        let bytes = if case .bytes(let bytes) = self { bytes } else { [UInt8]() }
        return bytes.split(separator: 10).lazy.map {
            $0.split(separator: 58, omittingEmptySubsequences: false)
        }
    }

    /// The fields of the first line that begins with a name.
    fileprivate func line(of name: [UInt8]) -> [ArraySlice<UInt8>]? {
        lines.first { $0[0].elementsEqual(name) }
    }
}

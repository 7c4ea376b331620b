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

    /// The number of a user and of his group, by his name.
    public func user(named name: [UInt8]) -> (user: UInt32, group: UInt32)? {
        guard let fields = passwd.line(of: name), fields.count >= 4, let user = number(fields[2]),
            let group = number(fields[3])
        else { return nil }
        return (user, group)
    }

    /// The number of a group, by its name.
    public func group(named name: [UInt8]) -> UInt32? {
        guard let fields = group.line(of: name), fields.count >= 3 else { return nil }
        return number(fields[2])
    }

    private func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
        // The largest one means "none".
        UInt32(String(decoding: digits, as: UTF8.self)).flatMap { $0 == .max ? nil : $0 }
    }
}

extension AccountFiles.Content {
    /// The fields of the first line that begins with a name.
    fileprivate func line(of name: [UInt8]) -> [ArraySlice<UInt8>]? {
        guard case .bytes(let bytes) = self else { return nil }
        return bytes.split(separator: 10).lazy.map {
            $0.split(separator: 58, omittingEmptySubsequences: false)
        }
        .first { $0[0].elementsEqual(name) }
    }
}

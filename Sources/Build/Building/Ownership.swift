import Layers

/// Whom files are given to: `--chown`, or USER.
struct Ownership {
    private let user: String
    private let group: String?

    /// - Parameter text: `user`, `user:group`, names or numbers.
    init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        user = String(parts[0])
        group = parts.count == 2 && !parts[1].isEmpty ? String(parts[1]) : nil
    }

    /// Whether it can be told without the image's own list of users.
    var isNumeric: Bool { Self.isNumber(user) && group.map(Self.isNumber) ?? true }

    /// The numbers: a group that is not given is the user's own, of a number the same number.
    ///
    /// - Parameter accounts: The users and groups that the image knows; not asked for numbers.
    /// - Throws: ``BuildError/instruction(_:)`` for a name that it does not know, and a number that no owner has.
    /// - Returns: User and group.
    func numbers(in accounts: AccountFiles? = nil) throws(BuildError) -> (user: UInt32, group: UInt32) {
        var owner: (user: UInt32, group: UInt32)
        if Self.isNumber(user) || user.isEmpty {
            let number = user.isEmpty ? 0 : try Self.number(user)
            owner = (number, number)
        } else if let known = accounts?.user(named: Array(user.utf8)) {
            owner = known
        } else {
            throw .instruction(
                "the image has no user \(user)\(Self.why(accounts?.passwd, "/etc/passwd")); give a number, or make the user before"
            )
        }
        guard let group else { return owner }
        if Self.isNumber(group) {
            owner.group = try Self.number(group)
        } else if let known = accounts?.group(named: Array(group.utf8)) {
            owner.group = known
        } else {
            throw .instruction(
                "the image has no group \(group)\(Self.why(accounts?.group, "/etc/group")); give a number, or make the group before"
            )
        }
        return owner
    }

    private static func why(_ content: AccountFiles.Content?, _ file: String) -> String {
        switch content {
        case .absent, nil: ", nor a \(file)"
        case .tooLarge: ": its \(file) is too large to be read"
        case .unknown: ": its \(file) could not be read"
        case .bytes: ""
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func number(_ text: String) throws(BuildError) -> UInt32 {
        guard let number = UInt32(text), number != .max else {
            throw .instruction("\(text) is no number of an owner: 0 to \(UInt32.max - 1)")
        }
        return number
    }
}

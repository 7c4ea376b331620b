import Layers
import Linux

/// Who a program is, as the image's own list of users has it.
struct RunUser: Equatable {
    let user: UInt32
    let group: UInt32
    /// Further groups.
    let groups: [UInt32]
    /// The user's directory.
    let home: [UInt8]

    /// Reads `USER`.
    ///
    /// Source: BuildKit, `oci.GetUser`: a number alone is looked up as a name is, and its group is root's where the
    /// image does not know it; only a user without a group has further ones.
    ///
    /// - Parameters:
    ///   - text: As it stands there; nothing is root.
    ///   - root: The image's files.
    /// - Throws: ``BuildError/instruction(_:)`` for a name that the image does not know, `FileError`.
    init(_ text: String, in root: borrowing Directory) throws {
        let files = CopySource(try root.duplicate())
        let accounts = AccountFiles(
            passwd: Self.content(of: "etc/passwd", in: files), group: Self.content(of: "etc/group", in: files)
        )
        let owner = Ownership(text)
        let numbers = try owner.numbers(in: accounts)
        user = numbers.user
        if text.contains(":") {
            (group, groups) = (numbers.group, [])
        } else if owner.isNumeric || text.isEmpty {
            let known = accounts.user(numbered: user)
            group = known?.group ?? 0
            groups = known.map { accounts.groups(having: $0.name) } ?? []
        } else {
            (group, groups) = (numbers.group, accounts.groups(having: Array(text.utf8)))
        }
        home = accounts.home(of: user) ?? [UInt8(ascii: "/")]
    }

    private static func content(of path: String, in files: CopySource) -> [UInt8]? {
        try? files.content(of: Array(path.utf8), limit: AccountFiles.limit)
    }
}

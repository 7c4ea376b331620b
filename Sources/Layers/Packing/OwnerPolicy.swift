/// Whom the files of a layer belong to.
public enum OwnerPolicy: Equatable, Sendable {
    /// As on disk.
    case kept
    /// All to one user and group.
    case fixed(user: UInt32, group: UInt32)
    /// One user's own files and one group's own files to 0; all others as on disk.
    ///
    /// What a plain user makes is meant to be root's in the image, as every other builder's files are.
    case rootInsteadOf(user: UInt32, group: UInt32)

    func owner(user: UInt32, group: UInt32) -> (user: UInt32, group: UInt32) {
        switch self {
        case .kept: (user, group)
        case .fixed(let newUser, let newGroup): (newUser, newGroup)
        case .rootInsteadOf(let ownUser, let ownGroup):
            (user == ownUser ? 0 : user, group == ownGroup ? 0 : group)
        }
    }
}

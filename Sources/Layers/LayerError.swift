import Linux
public import SystemPackage

/// A tree that cannot become a layer.
public enum LayerError: Error, Equatable, CustomStringConvertible {
    /// A file changed while it was read, and what was seen of that.
    case changed(FilePath, String)
    /// A file's name would be read as a whiteout: the image would lose what it stands for.
    case whiteoutName(FilePath)
    /// Files that this user may not read: the first ten, and whether there are more.
    case unreadable([FilePath], more: Bool)
    /// An owner or group number that no tar reader takes.
    case owner(FilePath, UInt32)
    /// A member that libarchive refused, with its words.
    case member(FilePath, String)
    /// An exclusion pattern that is none, and why.
    case pattern(String, String)

    /// A member that reaches where a layer's member may not, and how.
    case hostile(FilePath, String)
    /// More than a limit allows, and the flag that raises it.
    case limit(String, flag: String)

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .changed(let path, let what):
            "\(path.escapedDescription) changed while it was packed: \(what); pack a tree that nobody writes to"
        case .whiteoutName(let path):
            "\(path.escapedDescription) is named like a whiteout, and every reader would delete a file for it; "
                + "rename it or leave it out with --exclude"
        case .unreadable(let paths, let more):
            "cannot read " + paths.map(\.escapedDescription).joined(separator: ", ")
                + (more ? " and more" : "")
                + "; run as a user who may, or leave them out with --exclude"
        case .owner(let path, let number):
            "\(path.escapedDescription) has owner or group \(number), which means \"none\"; give --owner"
        case .member(let path, let reason): "cannot pack \(path.escapedDescription): \(reason)"
        case .hostile(let path, let reason):
            "the layer's member \(path.escapedDescription) is refused: \(reason)"
        case .limit(let what, let flag): "the image holds \(what); raise \(flag) if you trust it"
        case .pattern(let pattern, let reason): "\(pattern) is no pattern: \(reason)"
        }
    }
}

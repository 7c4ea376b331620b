import Linux
public import OCI
public import SystemPackage

/// A tree that cannot become a layer, or a layer that cannot be read.
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
    /// An entry of an owner table that cannot be, and why.
    case specification(FilePath, String)
    /// An exclusion pattern that is none, and why.
    case pattern(String, String)
    /// A media type that is no layer's, or of a layer that varve does not unpack.
    case mediaType(MediaType)
    /// A blob that is not stored as its media type says, and what it looks like.
    case storedOtherwise(StoredForm, looksLike: String)
    /// A blob whose size in bytes is not the descriptor's.
    case sizeMismatch(expected: Int64, found: Int64)
    /// A blob whose digest is not the descriptor's.
    case digestMismatch(expected: Digest, found: Digest)
    /// A layer whose uncompressed tar is not the one that the configuration names.
    case diffIDMismatch(expected: Digest, found: Digest)
    /// A layer that holds more bytes than the limit.
    case tooManyBytes(limit: Int64)
    /// A layer that holds more times its stored size than the limit.
    case tooHighRatio(limit: Int)
    /// A zstd frame that wants a window of more than 2 to the limit's power.
    case tooLargeWindow(log: Int)

    /// A member that reaches where a layer's member may not, and how.
    case hostile(FilePath, String)
    /// More than a limit allows, and the flag that raises it.
    case limit(String, flag: String)
    /// A path of an image that leads nowhere, or to something else than is wanted there, and why.
    case place(FilePath, String)
    /// A file that is to be copied and cannot be, and why.
    case source(FilePath, String)
    /// An entry of an overlay's upper directory of which a part lies elsewhere.
    case overlay(FilePath)
    /// A file listing that was stored and cannot be read again, and why.
    case storedListing(String)

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
        case .specification(let path, let reason):
            "the specification's \(path.escapedDescription) cannot be: \(reason)"
        case .hostile(let path, let reason):
            "the layer's member \(path.escapedDescription) is refused: \(reason)"
        case .limit(let what, let flag): "the image holds \(what); raise \(flag) if you trust it"
        case .place(let path, let reason):
            "the image's path \(path.escapedDescription) cannot be used: \(reason)"
        case .source(let path, let reason): "cannot copy \(path.escapedDescription): \(reason)"
        case .overlay(let path):
            "\(path.escapedDescription) is not whole in the overlay's upper directory; "
                + "mount it with redirect_dir=off,metacopy=off,index=off"
        case .storedListing(let reason): "the stored file listing cannot be read: \(reason)"
        case .pattern(let pattern, let reason): "\(pattern) is no pattern: \(reason)"
        case .mediaType(let type): "\(type) is no media type of a layer that varve unpacks"
        case .storedOtherwise(let form, let found):
            "the layer's media type says \(form.rawValue), and its bytes look like \(found)"
        case .sizeMismatch(let expected, let found):
            "the layer has \(found) bytes, and its descriptor says \(expected)"
        case .digestMismatch(let expected, let found):
            "the layer's digest is \(found), and its descriptor says \(expected)"
        case .diffIDMismatch(let expected, let found):
            "the layer's diff ID is \(found), and the configuration says \(expected)"
        case .tooManyBytes(let limit):
            "the layer holds more than \(limit) bytes; if you trust it, raise --max-bytes"
        case .tooHighRatio(let limit):
            "the layer holds more than \(limit) times the bytes that it is stored in; if you trust it, "
                + "raise --max-ratio"
        case .tooLargeWindow(let log):
            "the layer wants a zstd window of more than 2^\(log) bytes; if the memory is there, raise --zstd-window"
        }
    }
}

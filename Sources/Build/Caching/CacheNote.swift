public import OCI
public import SystemPackage
import Linux

/// What the cache did otherwise than a user may expect; the build goes on.
public enum CacheNote: Hashable, Sendable, CustomStringConvertible {
    /// No variable says where the cache is.
    case nowhere
    /// A directory that is not used, and why.
    case unusableDirectory(FilePath, String)
    /// Something could not be written, and nothing more will be.
    case notWritten(String)
    /// What an instruction's entry has lost: of which instruction, and what is wrong.
    case damaged(String, String)
    /// A repository whose entries nobody vouches for.
    case untrusted(Reference)
    /// A registry that is not asked any more, and why.
    case registryFailed(Reference, String)
    /// An entry of a repository that is not used: of which instruction, and why.
    case refused(Reference, String, String)
    /// A registry that gets no more entries, and why.
    case notPushed(Reference, String)

    /// One line.
    public var description: String {
        switch self {
        case .nowhere:
            "layers are not cached, for neither XDG_CACHE_HOME nor HOME is set; --cache-dir says where"
        case .unusableDirectory(let path, let reason):
            "the cache \(path.escapedDescription) is not used: \(reason)"
        case .notWritten(let reason): "nothing more goes into the cache: \(reason)"
        case .damaged(let place, let reason):
            "the cached layer of \(place) is damaged and is made anew: \(reason)"
        case .untrusted(let reference):
            "who may write to \(reference) decides what goes into this image; --cache-trust-key believes signed entries only"
        case .registryFailed(let reference, let reason):
            "the cache \(reference) is not asked any more: \(reason)"
        case .refused(let reference, let place, let reason):
            "the entry of \(reference) for \(place) is not used: \(reason)"
        case .notPushed(let reference, let reason): "the cache \(reference) gets no more layers: \(reason)"
        }
    }
}

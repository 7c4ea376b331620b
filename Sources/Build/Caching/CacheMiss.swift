/// Why an instruction is carried out, though there is a cache.
public enum CacheMiss: Hashable, Sendable, CustomStringConvertible {
    /// The user wants nothing from the cache.
    case turnedOff
    /// The instruction has not been built here, or its last build was too long ago.
    case nothingYet
    /// These fields differ from the last build's; of files perhaps which, and how many more.
    case changed([String], files: [String], more: Int)
    /// Nothing differs from the last build, which failed or whose layer is there no more.
    case removed
    /// The layer was made longer ago than layers may count.
    case tooOld
    /// Nothing can be had of the entry, and why.
    case damaged(String)

    /// A few words for the end of a line.
    public var description: String {
        switch self {
        case .turnedOff: "the cache is not asked"
        case .nothingYet: "no build of this instruction is cached yet"
        case .tooOld: "its layer in the cache is too old"
        case .removed: "no layer of it is in the cache"
        case .damaged(let reason): "its entry in the cache cannot be used: \(reason)"
        case .changed(let fields, let files, let more):
            fields.map { field in
                guard field == CacheKey.files, !files.isEmpty else { return "\(field) changed" }
                return "\(field) changed: " + files.joined(separator: ", ")
                    + (more > 0 ? " and \(more) more" : "")
            }.joined(separator: "; ")
        }
    }
}

/// What the cache says of an instruction.
enum CacheAnswer: Hashable, Sendable {
    /// Here is its layer.
    case hit(CachedLayer)
    /// It changes no file, and needs not be carried out.
    case nothing
    /// It must be carried out, and why.
    case miss(CacheMiss)
}

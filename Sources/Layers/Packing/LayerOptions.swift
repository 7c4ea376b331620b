public import Compression

/// How a tree becomes a layer.
public struct LayerOptions: Sendable {
    /// How the blob is stored.
    public var compression: CompressionMethod = .gzip(.level(CompressionMethod.defaultGzipLevel))
    /// Threads that compress; they change no byte.
    public var jobs = 1
    /// The latest time that a file may have, in seconds since 1970; later ones are set back to it.
    public var latestTime: Int64?
    /// Whom the files belong to.
    public var owners: OwnerPolicy = .kept
    /// What goes before owners, modes and times on disk, and adds entries to the tree.
    public var table: OwnerTable?
    /// What stays out.
    public var exclusion: Exclusion
    /// Which extended attributes are kept.
    public var attributes: AttributeFilter
    /// Whether the root itself gets an entry, `./`.
    public var hasRootEntry = false

    /// The defaults: everything as on disk, gzip, one thread.
    public init() throws(LayerError) {
        exclusion = try Exclusion()
        attributes = try AttributeFilter()
    }
}

import Images
public import SystemPackage

/// A root file system, and the image that it shall become; texts as the user wrote them.
public struct PackRequest: Sendable {
    /// The root file system.
    public var root: FilePath
    /// Where the image goes, and what it is called there.
    let outputs: [ImagePlace]
    /// The bytes of the location of the image that the tree is laid on; `nil` for an image of its own.
    public var base: [UInt8]?
    /// What the configuration says.
    public var image = ImageSettings()
    /// What the provenance says.
    public var provenance = ProvenanceSettings()
    /// How the layer is stored.
    public var layer = LayerSettings()
    /// `now`, or a time in RFC 3339 or seconds since 1970; `nil` for the newest file's.
    public var created: String?
    /// `UID:GID` of every file.
    public var owner: String?
    /// Whether owners stay as they are on disk.
    public var keepsOwners = false
    /// An mtree specification that goes before owners, modes and times on disk.
    public var owners: FilePath?
    /// Patterns of what stays out.
    public var exclusions: [FilePath] = []
    /// Patterns of further extended attributes.
    public var attributes: [String] = []
    /// Whether the root itself gets an entry.
    public var hasRootEntry = false
    /// The files that tell what was made.
    public var results = ResultPaths()
    /// How registries are spoken to.
    public var distribution: DistributionSettings?
    /// Varve's own environment.
    public var variables: [String: String] = [:]

    /// A request with defaults for all the rest; each of `outputs` is the bytes of a location such as `oci:DIR:TAG`.
    ///
    /// - Throws: `ImageError/malformedLocation`.
    public init(root: FilePath, outputs: [[UInt8]]) throws {
        self.root = root
        self.outputs = try outputs.map { try ImagePlace(writing: $0) }
    }

    /// Whether an archive goes to standard output, which has no room for anything else then.
    public var usesStandardOutput: Bool { outputs.contains { $0.isStandardStream } }
}

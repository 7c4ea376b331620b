import Images
public import SystemPackage

/// A Dockerfile, its context, and the image that shall become of them; texts as the user wrote them.
public struct BuildRequest: Sendable {
    /// The bytes of the context's place: a directory, `-`, `tar://FILE`, `git+https://…`, `https://…`.
    public var context: [UInt8]
    /// Where the image goes, and what it is called there.
    let outputs: [ImagePlace]
    /// The part of the context that is the context; `nil` for all of it.
    public var contextDirectory: FilePath?
    /// The Dockerfile, `-` for standard input; `nil` for `Dockerfile` in the context.
    public var dockerfile: FilePath?
    /// The Dockerfile as a server has it, in place of ``dockerfile``.
    public var dockerfileURL: String?
    /// Whether a Dockerfile is looked for in the context before it is one of the user's own.
    public var prefersContext = false
    /// The stage that is built, by name or number; `nil` for the last one.
    public var target: String?
    /// `NAME=VALUE`, or `NAME` for the value in varve's own environment.
    public var arguments: [String] = []
    /// The bytes of `NAME=PLACE`: contexts that `FROM` and `--from` name.
    public var contexts: [[UInt8]] = []
    /// Such as `linux/arm64`; `nil` for this machine.
    public var platform: String?
    /// `NAME=VALUE`, after those of the Dockerfile.
    public var labels: [String] = []
    /// `NAME=VALUE`, for the manifest.
    public var annotations: [String] = []
    /// Paths of an image below which nothing that a program changes is kept.
    public var ignoredPaths: [[UInt8]] = []
    /// How layers are stored.
    public var layers = LayerSettings()
    /// Patterns of further extended attributes that are kept.
    public var attributes: [String] = []
    /// `now`, or a time in RFC 3339 or seconds since 1970; `nil` for the newest file's.
    public var created: String?
    /// Where layers are kept for the next build.
    public var cache = CacheSettings()
    /// How programs are run.
    public var run = RunSettings()
    /// What images and archives that others made may hold.
    public var limits = LimitSettings()
    /// What the provenance says.
    public var provenance = ProvenanceSettings()
    /// The files that tell what was made.
    public var results = ResultPaths()
    /// Whether an image that goes nowhere is built all the same.
    public var isDiscarded = false
    /// How registries are spoken to.
    public var distribution: DistributionSettings?
    /// Varve's own environment.
    public var variables: [String: String] = [:]

    /// A request with defaults for all the rest; each of `outputs` is the bytes of a location such as `oci:DIR:TAG`.
    ///
    /// - Throws: `ImageError/malformedLocation`, ``BuildError/usage(_:_:)``.
    public init(context: [UInt8], outputs: [[UInt8]]) throws {
        self.context = context
        self.outputs = try outputs.map { try ImagePlace(writing: $0) }
    }

    /// Whether an archive goes to standard output, which has no room for anything else then.
    public var usesStandardOutput: Bool { outputs.contains { $0.isStandardStream } }
}

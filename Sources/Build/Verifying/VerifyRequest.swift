public import SystemPackage

/// An artifact, and what is expected of the attestations about it.
public struct VerifyRequest: Sendable {
    /// The bytes of an image's location, or of a file's path.
    public let artifact: [UInt8]
    /// Such as `linux/arm64`, of an image for several; `nil` for this machine.
    public var platform: String?
    /// How registries are spoken to.
    public var distribution: DistributionSettings?
    /// Public keys of builders: references.
    public var keys: [[UInt8]] = []
    /// The builder ids that those keys may speak for; none means any.
    public var builderIDs: [String] = []
    /// A policy, which says what the other settings do.
    public var policy: FilePath?
    /// Files with attestations, in place of those beside the artifact and in it.
    public var attestations: [FilePath] = []
    /// A word of cosign's or a URI; `nil` for provenance.
    public var type: String?
    /// Build types, any of which will do.
    public var buildTypes: [String] = []
    /// The source's repository, perhaps with `@` and a ref.
    public var source: String?
    /// The source's branch.
    public var branch: String?
    /// The source's tag.
    public var tag: String?
    /// The source's commit.
    public var commit: String?
    /// `NAME>=VERSION` and the like.
    public var builderVersions: [String] = []
    /// Such as `30d`.
    public var maxAge: String?
    /// Whether external parameters that nobody expects are a failure.
    public var isStrict = false
    /// Public keys of verifiers, whose summaries count in place of provenance.
    public var summaryKeys: [[UInt8]] = []
    /// The verifier ids that those keys may speak for.
    public var verifierIDs: [String] = []
    /// What a summary must call the artifact.
    public var summaryResource: String?
    /// Levels that a summary must claim.
    public var summaryLevels: [String] = []
    /// Gets the document that Harness' policies read.
    public var regoInput: FilePath?
    /// Gets a summary of this verification.
    public var summary: SummarySettings?
    /// A root file system to pack again.
    public var rebuild: RebuildSettings?

    /// A request that asks for nothing but a signature.
    public init(artifact: [UInt8]) { self.artifact = artifact }
}

/// A summary of the verification that shall be written.
public struct SummarySettings: Sendable {
    /// Where it goes: an envelope on a line.
    public let file: FilePath
    /// Whose signature.
    public let key: KeySettings
    /// Who verifies.
    public var verifierID: String?
    /// What the artifact is called where it is fetched.
    public var resource: String?

    /// A summary in a file.
    public init(file: FilePath, key: KeySettings) { (self.file, self.key) = (file, key) }
}

/// A build to be done again.
public struct RebuildSettings: Sendable {
    /// The root file system's directory.
    public let root: FilePath
    /// `NAME=VALUE` of what the provenance does not show.
    public var values: [String] = []

    /// A build of this tree.
    public init(root: FilePath) { self.root = root }
}

import Provenance
public import SystemPackage

/// An artifact, and what shall be signed about it.
public struct AttestRequest: Sendable {
    /// The bytes of an image's location, or of a file's path.
    public let artifact: [UInt8]
    /// Whose signature.
    public let key: KeySettings
    /// Such as `linux/arm64`, of an image for several; `nil` for this machine.
    public var platform: String?
    /// The predicate as JSON; without it the build's record is signed, as far as it can be confirmed.
    public var predicate: FilePath?
    /// A word of cosign's or a URI; `nil` for provenance.
    public var type: String?
    /// Whether it goes into the layout as well: as cosign's image and as a referrer.
    public var isAttached = false
    /// The file in place of the one beside the artifact.
    public var file: FilePath?
    /// What is known of the build: of the settings the destination is not looked at.
    public var provenance = ProvenanceSettings()
    /// How registries are spoken to.
    public var distribution: DistributionSettings?
    /// The environment.
    public var variables: [String: String] = [:]

    /// A request with defaults for all the rest.
    public init(artifact: [UInt8], key: KeySettings) { (self.artifact, self.key) = (artifact, key) }
}

/// What was signed.
public struct SignedAttestation: Sendable {
    /// The file that has it, if one does.
    public let file: FilePath?
    /// Cosign's image in a registry that has it, if one does.
    public let image: String?
    /// The statement's predicate type.
    public let predicateType: String
}

public import SystemPackage

/// What the user says about how an image came to be.
public struct ProvenanceSettings: Sendable {
    /// Where the statement goes.
    public enum Destination: Sendable {
        /// Beside each layout, one file an image, and beside each archive.
        case beside
        /// A file.
        case file(FilePath)
        /// Nowhere.
        case none

        /// Whether anybody wants one.
        var isSomewhere: Bool { if case .none = self { false } else { true } }
    }

    /// Where the statement goes.
    public var destination = Destination.beside
    /// The sources, such as `git+https://example.com/app@refs/heads/main`.
    public var source: String?
    /// The commit of the sources.
    public var commit: String?
    /// The URI of the platform that builds.
    public var builderID: String?
    /// `NAME=VERSION` of the pipeline's own parts.
    public var plugins: [String] = []
    /// Image references of the pipeline's plugins.
    public var pluginImages: [String] = []
    /// What names this run.
    public var invocationID: String?
    /// Whether the metadata is written a second time in Harness' old spelling.
    public var isHarnessCompatible = false

    /// Whose signature the statement gets; `nil` for none.
    public var key: KeySettings?

    /// Nothing said.
    public init() {}
}

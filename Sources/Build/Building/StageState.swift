import DockerfileSyntax
import OCI

/// A stage as far as it has come: what its configuration says, and its layers.
struct StageState: Sendable {
    /// The configuration but for layers and history, which are ``layers`` and ``history``.
    var configuration: ImageConfiguration
    /// The base's, then the stage's own.
    var layers: [StageLayer]
    /// The base's, then one for each instruction; times come at the end.
    var history: [HistoryEntry]
    var variables: StageVariables
    /// Whether CMD stood in this stage: ENTRYPOINT takes away only the base's.
    var hasCommand = false
    /// The image that the first of its stages began with.
    let base: BaseImage?
    let platform: Platform

    /// The directory that relative paths begin at.
    var workingDirectory: String {
        let path = configuration.workingDirectory ?? ""
        return path.isEmpty ? "/" : path
    }

    /// When its base was made, in seconds since 1970: the time of what has none of its own.
    var baseTime: Int64 { base?.configuration.created?.seconds ?? 0 }

    /// The diff IDs of its layers.
    var diffIDs: [Digest] { layers.map(\.diffID) }

    /// An empty image.
    init(scratchFor platform: Platform) {
        var configuration = ImageConfiguration(platform: platform)
        configuration.workingDirectory = "/"
        self.init(configuration, layers: [], history: [], base: nil, platform)
    }

    /// An image as a base.
    init(_ image: BaseImage, _ platform: Platform) {
        let diffIDs = image.configuration.diffIDs
        var configuration = image.configuration
        configuration.triggers = []
        self.init(
            configuration,
            layers: zip(image.layers, diffIDs).map { StageLayer(ofBase: $0, diffID: $1) },
            history: image.configuration.history, base: image, platform)
    }

    /// Another stage as a base; triggers of it were carried out by now.
    init(on stage: StageState) {
        self = stage
        hasCommand = false
        configuration.triggers = []
    }

    private init(
        _ configuration: ImageConfiguration, layers: [StageLayer], history: [HistoryEntry], base: BaseImage?,
        _ platform: Platform
    ) {
        self.configuration = configuration
        (self.layers, self.history, self.base, self.platform) = (layers, history, base, platform)
        // Without PATH a shell finds no program; every builder gives the same one.
        if !configuration.environment.contains(where: { $0.utf8.starts(with: "PATH=".utf8) }) {
            self.configuration.environment += [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            ]
        }
        variables = StageVariables(environment: self.configuration.environment)
    }

    /// Notes an instruction that changed the configuration only.
    mutating func note(_ createdBy: String) { note(createdBy, hasLayer: false) }

    /// Notes an instruction and its layer.
    mutating func add(_ layer: StageLayer, _ createdBy: String) {
        layers.append(layer)
        note(createdBy, hasLayer: true)
    }

    private mutating func note(_ createdBy: String, hasLayer: Bool) {
        history.append(
            HistoryEntry(createdBy: createdBy, comment: Self.comment, isEmptyLayer: !hasLayer))
    }

    /// The form of a history's texts: programs that read them know this one.
    static let comment = "buildkit.dockerfile.v0"
}

import Linux
import OCI
import SystemPackage

/// What Kaniko's command line asks for, in varve's words.
///
/// Source: Kaniko v1.24.0 and v1.28.3 of its fork: README, "Additional Flags"; `cmd/executor/cmd/root.go`.
public struct ExecutorRequest: Sendable {
    /// The build; registries, variables and programs are the caller's to add.
    public var build: BuildRequest
    /// Where the image goes, as `varve build` would be told.
    public let outputs: [[UInt8]]
    /// What flags ask for that varve does otherwise, a line each.
    public private(set) var notes: [String]
    /// Whether only the plan is wanted.
    public let isDryRun: Bool
    /// Whether somebody says that this is a container.
    public let isForced: Bool
    /// Whether nothing but errors is told.
    public let isQuiet: Bool
    /// Whether messages are JSON.
    public let hasJSONLog: Bool
    /// Where the digest is sent; `nil` for nowhere.
    private let upload: DigestUpload?
    private let arguments: ExecutorArguments
    private let destinations: [ExecutorDestination]

    /// Reads a command line.
    ///
    /// - Parameters:
    ///   - arguments: Its bytes, without the program's name.
    ///   - variables: Varve's own environment.
    /// - Throws: ``BuildError/usage(_:_:)``, `ImageError/malformedLocation`.
    public init(_ arguments: [[UInt8]], variables: [String: String]) throws {
        let arguments = try ExecutorArguments(parsing: arguments)
        self.arguments = arguments
        destinations = try arguments.texts("destination").map(ExecutorDestination.init)
        let names = ExecutorOutputs(
            arguments: arguments, destinations: destinations, variables: variables)
        try names.check()
        outputs = names.places
        upload = try names.digestURL.map { try DigestUpload(parsing: $0) }
        build = try BuildRequest(
            context: try ExecutorContext(arguments, variables).place, outputs: names.places)
        (isDryRun, isForced) = (arguments.isOn("dryrun"), arguments.isOn("force"))
        let verbosity = try arguments.text("verbosity")?.lowercased() ?? "info"
        guard ["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"].contains(verbosity)
        else {
            throw BuildError.usage(
                "--verbosity",
                "\(escaped(verbosity.utf8)) is none of trace, debug, info, warn, error, fatal and panic")
        }
        isQuiet = ["error", "fatal", "panic"].contains(verbosity)
        let format = try arguments.text("log-format") ?? "color"
        guard ["text", "color", "json"].contains(format) else {
            throw BuildError.usage("--log-format", "\(escaped(format.utf8)) is none of text, color and json")
        }
        hasJSONLog = format == "json"
        notes = Self.notes(arguments)
        build.isDiscarded = true
        build.results.others = try names.files
        if let system = arguments.bytes("ci-output") {
            build.results.ci = try CIOutput(parsing: system, variables)
            try build.results.ci?.expectRoom(usesStandardOutput: build.usesStandardOutput)
        }
        try setSource()
        try setLayers(variables)
        try setCache()
        setProvenance(variables)
    }

    /// What is said of flags that ask for what varve does in any case, or in another way.
    private static func notes(_ arguments: ExecutorArguments) -> [String] {
        arguments.given.compactMap { flag in
            guard let reason = flag.reason else { return nil }
            if case .toggle(let usual) = flag.form, arguments.isOn(flag.name) == usual { return nil }
            return "--\(flag.name): \(reason)"
        }
    }

    private mutating func setSource() throws {
        build.contextDirectory = arguments.bytes("context-sub-path").map { FilePath(bytes: $0) }
        let dockerfile = arguments.bytes("dockerfile") ?? Array("Dockerfile".utf8)
        if ["http://", "https://"].contains(where: { dockerfile.starts(with: $0.utf8) }) {
            build.dockerfileURL = String(decoding: dockerfile, as: UTF8.self)
        } else {
            build.dockerfile = FilePath(bytes: dockerfile)
            build.prefersContext = true
        }
        build.arguments = try arguments.texts("build-arg")
        build.labels = try arguments.texts("label")
        build.annotations = try arguments.texts("annotation")
        build.platform = try arguments.text("custom-platform")
        build.ignoredPaths = arguments.all("ignore-path")
        build.run.secrets = try arguments.texts("secret")
        let targets = try arguments.text("target").map { $0.split(separator: ",").map(String.init) } ?? []
        build.target = targets.first
        if targets.count > 1 {
            notes.append("--target: \(targets[0]) is built, with the stages that it needs, and no other")
        }
    }

    private mutating func setLayers(_ variables: [String: String]) throws {
        let compression = try arguments.text("compression")
        if let compression { build.layers.compression = compression }
        if let level = arguments.number("compression-level"), level != -1 {
            build.layers.compressionLevel = "\(level)"
        }
        // Kaniko's has no times at all; a caller who knows a better one says so.
        if arguments.isOn("reproducible"), (variables["SOURCE_DATE_EPOCH"] ?? "").isEmpty {
            build.layers.sourceDateEpoch = "0"
        }
        if try arguments.text("image-format") == "docker" {
            notes.append("--image-format: the manifest is OCI's, which every registry and runtime takes")
        }
    }

    private mutating func setCache() throws {
        var cache = CacheSettings()
        guard arguments.isOn("cache") else {
            (cache.isRead, cache.isWritten) = (false, false)
            build.cache = cache
            return
        }
        if let path = arguments.bytes("cache-dir") { cache.directory = FilePath(bytes: path) }
        let isPushed = !arguments.isOn("no-push-cache")
        let layout = "oci:"
        if let text = try arguments.text("cache-repo"), text.hasPrefix(layout) {
            cache.directory = FilePath(String(text.dropFirst(layout.count)))
            cache.isWritten = isPushed
        } else {
            let repository = try arguments.text("cache-repo") ?? destinations.first.map(\.cacheRepository)
            guard let repository else {
                throw BuildError.usage("--cache", "where is the cache? Give --cache-repo, or --destination")
            }
            cache.sources = [repository]
            cache.destinations = isPushed ? [repository] : []
        }
        cache.maximumAge = arguments.seconds("cache-ttl") ?? 336 * 3600
        cache.keepsPrograms = arguments.isOn("cache-run-layers")
        build.cache = cache
    }

    /// An unchanged command line gains provenance by its environment.
    private mutating func setProvenance(_ variables: [String: String]) {
        build.provenance.key = KeySettings.ofEnvironment
        switch variables["VARVE_PROVENANCE"] ?? "" {
        case "", "true", "1": build.provenance.destination = build.provenance.key == nil ? .none : .beside
        case "none", "false", "0": (build.provenance.destination, build.provenance.key) = (.none, nil)
        case let path: build.provenance.destination = .file(FilePath(path))
        }
    }

    /// Sends the digest of an image that was published where the flags want it.
    ///
    /// - Throws: `HTTPError`, ``ContextError/notTaken(_:status:)``, `Interruption`.
    public func sendDigest(_ image: PublishedImage) throws {
        try upload?.send(image.manifest.digest, ContextSettings(build.distribution))
    }

    /// Adds what the flags say of registries to what the environment says.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``.
    public func fill(_ settings: inout DistributionSettings, variables: [String: String]) throws {
        try ExecutorRegistries(
            arguments: arguments, destinations: destinations, variables: variables
        ).fill(&settings)
    }
}

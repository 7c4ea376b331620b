import ArgumentParser
import Build
import Linux
import OCI

/// `varve cache warm`, which Kaniko calls `warmer`.
struct CacheWarmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warm",
        abstract: "Brings base images into a local cache before builds want them.",
        discussion: "Prints each image with its digest. What is there already is not fetched again.")

    @Option(name: .shortAndLong, help: ArgumentHelp("An image.", valueName: "reference"))
    var image: [TextArgument] = []

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A Dockerfile, whose bases are fetched.", valueName: "file"))
    var dockerfile: [PathArgument] = []

    @Option(help: ArgumentHelp("A value for an ARG before FROM.", valueName: "name=value"))
    var buildArg: [TextArgument] = []

    @Option(
        name: [.customShort("c"), .long],
        help: ArgumentHelp(
            "The cache; $VARVE_CACHE_DIR, or varve in $XDG_CACHE_HOME or ~/.cache by default.",
            valueName: "directory"))
    var cacheDir: PathArgument?

    @Option(
        name: [.long, .customLong("customPlatform"), .customLong("custom-platform")],
        help: "The platform, such as linux/arm64; this machine's by default.")
    var platform: TextArgument?

    @Flag(
        name: .shortAndLong,
        help: "Of Kaniko's: what is there is verified by its digest, and no older than that.")
    var force = false

    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func validate() throws {
        if image.isEmpty, dockerfile.isEmpty { throw ValidationError("give --image or --dockerfile") }
    }

    func run() throws {
        let console = Console(messages)
        defer { console.clear() }
        var settings = CacheSettings()
        settings.directory = cacheDir?.path
        let distribution = try registry.settings()
        let warmed = try CacheWarmer(settings, distribution, progress: console.show).warm(
            image.map(\.text), dockerfiles: dockerfile.map(\.path), arguments: buildArg.map(\.text),
            platform: platform?.text,
            variables: ProcessArguments.environment(without: KeySettings.secretVariables))
        console.clear()
        let lines = warmed.map { "\($0.name)@\($0.digest)\n" }
        try StandardStreams.writeOutput(Array(lines.joined().utf8))
    }
}

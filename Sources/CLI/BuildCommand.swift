import ArgumentParser
import Build
import Linux
import OCI

/// `varve build`.
struct BuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Builds an image from a Dockerfile, with no privilege and no daemon.",
        discussion: """
            The context is a directory, - for a tar or a Dockerfile on standard input, tar://FILE, a git repository \
            (git+https://HOST/PATH#REF:DIRECTORY) or https://HOST/CONTEXT.tar.gz. Prints the manifest digest on \
            standard output, or on standard error where an archive goes to standard output.
            """)

    @Argument(help: "The context; the current directory by default.")
    var path: String?

    @Option(name: .customLong("context"), help: ArgumentHelp("The same as the argument.", valueName: "place"))
    var context: String?

    // `-f-` is what Docker's documentation writes.
    @Option(
        name: [.customShort("f", allowingJoined: true), .long],
        help: ArgumentHelp(
            "The Dockerfile, - for standard input; Dockerfile in the context by default.", valueName: "file"))
    var file: PathArgument?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "With --push, where the image goes: REGISTRY/REPOSITORY:TAG.", valueName: "reference"))
    var tag: [String] = []

    @Flag(help: "Push the image to the registries of its tags.")
    var push = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the image goes, once or several times, as in varve pack: oci:DIR:TAG, oci-archive:FILE:TAG, docker-archive:FILE:REPOSITORY:TAG or docker://REGISTRY/REPOSITORY:TAG.",
            valueName: "location"))
    var output: [String] = []

    @Option(
        help: ArgumentHelp(
            "The same as --output for a registry: registry.example.com/app:1.0.", valueName: "reference"))
    var destination: [String] = []

    @Option(help: ArgumentHelp("The stage that is built; the last one by default.", valueName: "stage"))
    var target: TextArgument?

    @Option(
        help: ArgumentHelp(
            "A value for an ARG; without =VALUE that of varve's own environment.", valueName: "name=value"))
    var buildArg: [TextArgument] = []

    @Option(
        help: ArgumentHelp(
            "A further context, or an image, that FROM and --from may name.", valueName: "name=place"))
    var buildContext: [String] = []

    @Option(help: "The platform, such as linux/arm64; this machine's by default.")
    var platform: TextArgument?

    @Option(name: .shortAndLong, help: ArgumentHelp("A label.", valueName: "name=value"))
    var label: [TextArgument] = []

    @Option(help: ArgumentHelp("An annotation of the manifest.", valueName: "name=value"))
    var annotation: [TextArgument] = []

    @Flag(help: "Say what would be built, what is cached and why not, and do nothing.")
    var plan = false

    @Flag(help: "Write the plan as JSON.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Keep further extended attributes; always kept are user.*, file capabilities and POSIX ACLs.",
            valueName: "pattern"))
    var xattr: [TextArgument] = []

    @OptionGroup(title: "Cache") var cache: CacheFlags
    @OptionGroup(title: "Layers") var layer: LayerFlags
    @OptionGroup(title: "Provenance") var provenance: ProvenanceFlags
    @OptionGroup(title: "Results") var results: ResultFlags
    @OptionGroup(title: "Limits") var limits: LimitFlags
    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func validate() throws {
        if path != nil, context != nil { throw ValidationError("the context stands twice") }
        if push, tag.isEmpty { throw ValidationError("--push needs --tag") }
        if json, !plan { throw ValidationError("--json is for --plan") }
        if !plan, !tag.isEmpty, !push, output.isEmpty, destination.isEmpty {
            throw ValidationError("where shall the image go? Add --push, or -o oci:DIR:TAG")
        }
        if !plan, places.isEmpty { throw ValidationError("give --output, or --tag and --push") }
    }

    /// Where the image goes.
    private var places: [String] {
        output + destination + (push ? tag.map { "docker://\($0)" } : [])
    }

    func run() throws {
        let outputs = places.map(ArgumentBytes.bytes)
        let distribution = try registry.settings()
        var request = try BuildRequest(
            context: ArgumentBytes.bytes(path ?? context ?? "."), outputs: plan ? [] : outputs)
        request.distribution = distribution
        request.variables = ProcessArguments.environment(without: KeySettings.secretVariables)
        request.dockerfile = file?.path
        request.target = target?.text
        request.arguments = buildArg.map(\.text)
        request.contexts = buildContext.map(ArgumentBytes.bytes)
        request.platform = platform?.text
        request.labels = label.map(\.text)
        request.annotations = annotation.map(\.text)
        request.attributes = xattr.map(\.text)
        request.layers = layer.settings
        request.created = results.created?.text
        request.results = results.paths
        request.provenance = provenance.settings
        request.cache = try cache.settings()
        request.limits = limits.settings
        try carryOut(request, outputs)
    }

    private func carryOut(_ request: BuildRequest, _ outputs: [[UInt8]]) throws {
        let console = Console(messages)
        defer { console.clear() }
        let builder = Builder(request, progress: console.show)
        guard !plan else {
            let outline = try builder.outline()
            console.clear()
            return try StandardStreams.writeOutput(Array((json ? outline.json : outline.text).utf8))
        }
        try console.say(
            builder.build(), in: outputs, isSigned: provenance.signKey != nil,
            usesStandardOutput: request.usesStandardOutput)
    }
}

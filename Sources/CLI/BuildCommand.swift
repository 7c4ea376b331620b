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

    @OptionGroup var output: OutputFlags

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

    @OptionGroup(title: "RUN") var programs: RunFlags
    @OptionGroup(title: "Cache") var cache: CacheFlags
    @OptionGroup(title: "Layers") var layer: LayerFlags
    @OptionGroup(title: "Limits") var limits: LimitFlags
    @OptionGroup var publication: PublicationFlags

    func validate() throws {
        if path != nil, context != nil { throw ValidationError("the context stands twice") }
        if push, tag.isEmpty { throw ValidationError("--push needs --tag") }
        if json, !plan { throw ValidationError("--json is for --plan") }
        if !plan, !tag.isEmpty, !push, output.places.isEmpty {
            throw ValidationError("where shall the image go? Add --push, or -o oci:DIR:TAG")
        }
        if !plan, places.isEmpty { throw ValidationError("give --output, or --tag and --push") }
    }

    /// Where the image goes.
    private var places: [String] {
        output.places + (push ? tag.map { "docker://\($0)" } : [])
    }

    func run() throws {
        let outputs = places.map(ArgumentBytes.bytes)
        var request = try BuildRequest(
            context: ArgumentBytes.bytes(path ?? context ?? "."), outputs: plan ? [] : outputs)
        try publication.fill(&request)
        request.dockerfile = file?.path
        request.target = target?.text
        request.arguments = buildArg.map(\.text)
        request.contexts = buildContext.map(ArgumentBytes.bytes)
        request.platform = platform?.text
        request.labels = label.map(\.text)
        request.annotations = annotation.map(\.text)
        request.attributes = xattr.map(\.text)
        request.layers = layer.settings
        request.run = programs.settings
        // Nothing is made yet, and no thread runs. What is read of registries' credentials above is this user's own.
        if programs.wantsNamespaces { request.run.namespaces = Result { try OwnNamespaces.enter() } }
        if programs.isInplace, !plan { try request.useOwnRoot(isForced: programs.force) }
        request.cache = try cache.settings()
        request.limits = limits.settings
        try carryOut(request, outputs)
    }

    private func carryOut(_ request: BuildRequest, _ outputs: [[UInt8]]) throws {
        let console = Console(publication.messages)
        defer { console.clear() }
        let builder = Builder(request, progress: console.show)
        guard !plan else {
            let outline = try builder.outline()
            console.clear()
            return try StandardStreams.writeOutput(Array((json ? outline.json : outline.text).utf8))
        }
        try publication.say(builder.build(), of: request, in: outputs, console)
    }
}

import ArgumentParser
import Build
import Linux
import OCI
import SystemPackage

struct PackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Packs a root file system into an image, in one pass.",
        discussion: """
            Prints the manifest digest on standard output, or on standard error where an archive goes to standard \
            output. The same tree gives the same digest: on any machine, \
            for any user, on any number of threads. Times count, so a fresh checkout gives another digest; \
            set SOURCE_DATE_EPOCH where that matters.
            """)

    @Argument(help: "The root file system's directory.")
    var root: PathArgument

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the image goes, once or several times: oci:DIR:TAG, oci-archive:FILE:TAG, docker-archive:FILE:REPOSITORY:TAG or docker://REGISTRY/REPOSITORY:TAG; the file - is standard output.",
            valueName: "location"))
    var output: [String] = []

    @Option(
        help: ArgumentHelp(
            "The same as --output for a registry: registry.example.com/app:1.0.", valueName: "reference"))
    var destination: [String] = []

    @Option(
        help: ArgumentHelp(
            "The image that the tree is laid on as one more layer, written like --output.",
            valueName: "location"))
    var base: String?

    @OptionGroup(title: "Layer") var tree: TreeFlags
    @OptionGroup(title: "Image") var image: ImageFlags
    @OptionGroup(title: "Provenance") var provenance: ProvenanceFlags
    @OptionGroup(title: "Results") var results: ResultFlags
    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let outputs = (output + destination).map(ArgumentBytes.bytes)
        guard !outputs.isEmpty else { throw ValidationError("give --output or --destination") }
        let distribution = try registry.settings()
        var request = try PackRequest(root: root.path, outputs: outputs)
        request.distribution = distribution
        request.base = base.map(ArgumentBytes.bytes)
        request.variables = ProcessArguments.environment(without: KeySettings.secretVariables)
        tree.fill(&request)
        image.fill(&request.image)
        request.provenance = provenance.settings
        request.results = results.paths
        request.created = results.created?.text

        let console = Console(messages)
        defer { console.clear() }
        let packed = try Packer(request, progress: console.show).pack()
        console.sayPacked()
        try console.say(
            packed, in: outputs, isSigned: provenance.signKey != nil,
            usesStandardOutput: request.usesStandardOutput)
    }
}

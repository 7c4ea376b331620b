import ArgumentParser
import Build
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

    @OptionGroup var output: OutputFlags

    @Option(
        help: ArgumentHelp(
            "The image that the tree is laid on as one more layer, written like --output.",
            valueName: "location"))
    var base: String?

    @OptionGroup(title: "Layer") var tree: TreeFlags
    @OptionGroup(title: "Image") var image: ImageFlags
    @OptionGroup var publication: PublicationFlags

    func run() throws {
        let outputs = output.places.map(ArgumentBytes.bytes)
        guard !outputs.isEmpty else { throw ValidationError("give --output or --destination") }
        var request = try PackRequest(root: root.path, outputs: outputs)
        try publication.fill(&request)
        request.base = base.map(ArgumentBytes.bytes)
        tree.fill(&request)
        image.fill(&request.image)

        let console = Console(publication.messages)
        defer { console.clear() }
        let packed = try Packer(request, progress: console.show).pack()
        console.sayPacked()
        try publication.say(packed, of: request, in: outputs, console)
    }
}

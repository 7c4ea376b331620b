import ArgumentParser
import Build
import Linux

struct CopyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copies an image from one place to others, byte for byte, with its attestations.",
        discussion: """
            Every place may be a registry's reference, oci:, oci-archive: or docker-archive:. Within one registry blobs are \
            taken over, and not sent.
            """)

    @Argument(
        help: ArgumentHelp(
            "The image: a reference, oci:DIR, oci-archive:FILE or docker-archive:FILE.", valueName: "image"))
    var image: String

    @Argument(help: ArgumentHelp("Where it goes, once or several times.", valueName: "location"))
    var destinations: [String]

    @Option(
        help: ArgumentHelp(
            "Of an index which image; this machine's by default.", valueName: "os/architecture"))
    var platform: TextArgument?

    @Flag(help: "The index, and all its images.")
    var allPlatforms = false

    func validate() throws {
        guard platform == nil || !allPlatforms else {
            throw ValidationError("give either --platform or --all-platforms")
        }
    }

    @Flag(name: .customLong("no-attachments"), help: "Leave attestations and signatures where they are.")
    var hasNoAttachments = false

    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        var request = CopyRequest(
            source: ArgumentBytes.bytes(image), destinations: destinations.map(ArgumentBytes.bytes))
        request.platforms = allPlatforms ? .all : .one(platform?.text)
        request.hasAttachments = !hasNoAttachments
        request.distribution = try registry.settings()
        try request.run(messages)
    }
}

import ArgumentParser
import Build
import Linux

struct PullCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Brings an image here from a registry, with its attestations.",
        discussion: """
            Every byte is compared with its digest while it comes; what breaks off goes on where it was. The layout shows all \
            of the image, or nothing.
            """)

    @Argument(help: ArgumentHelp("The image: a reference such as debian:bookworm-slim.", valueName: "image"))
    var image: String

    @Argument(
        help: ArgumentHelp(
            "Where it goes: oci:DIR:TAG, oci-archive:FILE:TAG or docker-archive:FILE:REPOSITORY:TAG.",
            valueName: "location"))
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
        request.direction = .pull
        request.platforms = allPlatforms ? .all : .one(platform?.text)
        request.hasAttachments = !hasNoAttachments
        request.distribution = try registry.settings()
        try request.run(messages)
    }
}

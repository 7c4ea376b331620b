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

    @OptionGroup var flags: CopyFlags

    func run() throws {
        var request = CopyRequest(
            source: ArgumentBytes.bytes(image), destinations: destinations.map(ArgumentBytes.bytes))
        request.direction = .pull
        try flags.fill(&request)
        try request.run(Console(flags.messages))
    }
}

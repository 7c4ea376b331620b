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

    @OptionGroup var flags: CopyFlags

    func run() throws {
        var request = CopyRequest(
            source: ArgumentBytes.bytes(image), destinations: destinations.map(ArgumentBytes.bytes))
        try flags.fill(&request)
        try request.run(Console(flags.messages))
    }
}

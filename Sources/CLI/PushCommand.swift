import ArgumentParser
import Build
import Linux

struct PushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Puts an image into a registry, with its attestations.",
        discussion: """
            Blobs come first, tags last: nobody ever sees a part of an image. What the registry has is not sent again, \
            and what breaks off goes on where it was. An index goes with all its images.
            """)

    @Argument(help: "The image: oci:DIR, oci-archive:FILE or docker-archive:FILE, and :TAG or @DIGEST.")
    var image: String

    @Argument(help: ArgumentHelp("Its names, such as registry.example.com/app:1.0.", valueName: "reference"))
    var references: [String]

    @Option(help: ArgumentHelp("Of an index only this image.", valueName: "os/architecture"))
    var platform: TextArgument?

    @OptionGroup var transfer: TransferFlags

    func run() throws {
        var request = CopyRequest(
            source: ArgumentBytes.bytes(image), destinations: references.map(ArgumentBytes.bytes))
        request.direction = .push
        request.platforms = platform.map { .one($0.text) } ?? .all
        try transfer.fill(&request)
        try request.run(Console(transfer.messages))
    }
}

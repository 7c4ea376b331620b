import ArgumentParser
import Build
import Linux
import OCI
import SystemPackage

struct UnpackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpack",
        abstract: "Makes a directory tree of an image.",
        discussion: """
            Every layer is verified to its end before the directory gets its name. A plain user's files belong to \
            that user; what the image says of owners, modes and devices is then written to DIR.owners.mtree, which \
            varve pack --owners reads back.
            """)

    @Argument(help: "The image: a reference, oci:DIR[:TAG|@DIGEST], oci-archive:FILE or docker-archive:FILE.")
    var image: String

    @Argument(help: "The directory: missing or empty.")
    var directory: PathArgument

    @Option(help: ArgumentHelp("Of an image for several platforms.", valueName: "os/architecture"))
    var platform: String?

    @Option(name: .shortAndLong, help: "Threads that inflate. All processors by default, 16 at most.")
    var jobs: Int?

    @OptionGroup(title: "Limits") var limits: LimitFlags
    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        var request = try UnpackRequest(image: ArgumentBytes.bytes(image), directory: directory.path)
        request.platform = platform
        request.jobs = jobs
        request.limits = limits.settings
        request.distribution = try registry.settings()
        let console = Console(messages)
        let unpacked: UnpackedImage
        do {
            unpacked = try Unpacker(request, progress: console.show).unpack()
        } catch {
            console.clear()
            throw error
        }
        console.say(
            "unpacked \(Quantity.count(unpacked.entries)) entries, "
                + "\(Quantity.bytes(unpacked.bytes)), into \(directory.path.escapedDescription)")
        if let owners = unpacked.owners { console.say("owners      \(owners.escapedDescription)") }
        try StandardStreams.writeOutput(Array("\(unpacked.digest)\n".utf8))
    }
}

import ArgumentParser
import Build
import Linux

struct IndexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index", abstract: "Makes one image of images for several platforms.",
        subcommands: [IndexCreateCommand.self])
}

struct IndexCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Makes an index of images, and prints its digest.",
        discussion:
            "Images that are elsewhere are copied to where the index goes. Of an index all images count.")

    @Argument(
        help: ArgumentHelp(
            "Where the index goes: a reference such as registry.example.com/app:1.0, or oci:DIR:TAG.",
            valueName: "index"))
    var destination: String

    @Argument(help: ArgumentHelp("The images, wherever they are.", valueName: "image"))
    var images: [String]

    @Option(help: ArgumentHelp("What the index says of itself.", valueName: "name=value"))
    var annotation: [TextArgument] = []

    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        var request = IndexRequest(
            destination: ArgumentBytes.bytes(destination), sources: images.map(ArgumentBytes.bytes))
        request.annotations = annotation.map(\.text)
        request.distribution = try registry.settings()
        let console = Console(messages)
        do {
            let digest = try IndexCreator(request, progress: console.show).create()
            console.clear()
            try StandardStreams.writeOutput(Array("\(digest)\n".utf8))
        } catch {
            console.clear()
            throw error
        }
    }
}

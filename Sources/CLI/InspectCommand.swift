import ArgumentParser
import Build
import Linux
import OCI

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows an image: its layers, its configuration, its history, its attestations.",
        discussion: """
            Every layer is read and checked against its digest and diff ID; of an image in a registry the documents \
            alone are read. With --layer, that layer's entries are \
            listed as they come; an error at the end means that they count for nothing.
            """)

    @Argument(
        help: "The image: a reference, oci:DIR, oci-archive:FILE or docker-archive:FILE, and :TAG or @DIGEST."
    )
    var image: String

    @Option(help: ArgumentHelp("List the entries of a layer, 1 being the lowest.", valueName: "number"))
    var layer: Int?

    @Flag(help: "For a program: one JSON object, and with --layer one for each entry.")
    var json = false

    @OptionGroup var reading: ReadingFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = Console(messages)
        let output = ResultStream(console)
        do {
            if let layer { try list(layer, console, output) } else { try show(console, output) }
        } catch {
            console.clear()
            throw error
        }
        try output.flush()
    }

    private func show(_ console: Console, _ output: ResultStream) throws {
        let inspection = try ImageInspection(
            parsing: ArgumentBytes.bytes(image), reading.settings(), progress: console.show)
        try output.write(
            json
                ? String(decoding: inspection.json.serialized(indent: 2), as: UTF8.self) + "\n"
                : InspectionTable(inspection).text)
    }

    private func list(_ layer: Int, _ console: Console, _ output: ResultStream) throws {
        let listing = try ImageListing(parsing: ArgumentBytes.bytes(image), layer: layer, reading.settings())
        var line = EntryLine()
        try listing.forEach(progress: console.show) { entry in
            try output.write(
                json
                    ? String(decoding: entry.json.serialized(), as: UTF8.self) + "\n" : line.text(entry))
        }
    }
}

import ArgumentParser
import Build
import Linux
import OCI

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows an image: its layers, its configuration, its history, its provenance.")

    @Argument(help: "The image: oci:DIR, oci-archive:FILE or docker-archive:FILE, and :TAG or @DIGEST.")
    var image: String

    @Flag(help: "One JSON object for a program, in place of the table.")
    var json = false

    @Option(help: "Of an image for several platforms, which; this machine's by default.")
    var platform: TextArgument?

    func run() throws {
        let inspection = try ImageInspection(parsing: ArgumentBytes.bytes(image), platform: platform?.text)
        let text =
            json
            ? String(decoding: inspection.json.serialized(indent: 2), as: UTF8.self) + "\n"
            : InspectionTable(inspection).text
        try StandardStreams.writeOutput(Array(text.utf8))
    }
}

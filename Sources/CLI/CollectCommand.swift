import ArgumentParser
import Build
import Linux
import OCI

struct CollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Removes the blobs of a layout that nothing in it names.",
        discussion: """
            Prints the digest of each. Packs that run meanwhile lose nothing. Where a document is damaged nothing \
            is removed: what it names nobody knows.
            """)

    @Argument(help: ArgumentHelp("The layout.", valueName: "oci:DIR"))
    var layout: String

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = Console(messages)
        var removed: [Digest] = []
        var bytes: Int64 = 0
        try LayoutCollection.run(on: ArgumentBytes.bytes(layout)) { digest, size in
            removed.append(digest)
            bytes += size
        }
        console.say("removed \(Quantity.count(removed.count, "blob")), \(Quantity.bytes(bytes))")
        try StandardStreams.writeOutput(Array(removed.map { "\($0)\n" }.joined().utf8))
    }
}

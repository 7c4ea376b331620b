import ArgumentParser
import Build
import Linux
import OCI

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Says why two images differ: manifest, configuration, entries, headers, compressor.",
        discussion: """
            Exit code 0 when the manifests are equal in every byte, 1 when they differ. Layers are pairs by their \
            height; the layers that differ are read and checked against digest and diff ID.
            """)

    @Argument(
        help:
            "The first image: a reference, oci:DIR, oci-archive:FILE or docker-archive:FILE, and :TAG or @DIGEST."
    )
    var first: String

    @Argument(help: "The second image.")
    var second: String

    @Flag(help: "One JSON object for a program.")
    var json = false

    @OptionGroup var reading: ReadingFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = Console(messages)
        let output = ResultStream(console)
        let isIdentical: Bool
        do {
            let comparison = try ImageComparison(
                ArgumentBytes.bytes(first), ArgumentBytes.bytes(second), reading.settings(),
                progress: console.show)
            isIdentical = comparison.isIdentical
            if json {
                try writeObject(comparison, output)
            } else {
                try writeLines(comparison, output)
            }
            try output.flush()
        } catch {
            console.clear()
            throw error
        }
        if !isIdentical { throw ReportedFailure() }
    }

    private func writeLines(_ comparison: ImageComparison, _ output: ResultStream) throws {
        var text = DifferenceText()
        if !comparison.isIdentical {
            try output.write("--- \(escaped(ArgumentBytes.bytes(first)))  \(comparison.digests.first)\n")
            try output.write("+++ \(escaped(ArgumentBytes.bytes(second)))  \(comparison.digests.second)\n")
        }
        try comparison.run { try output.write(text.lines(of: $0)) }
        try output.write(comparison.isIdentical ? "identical\n" : text.summary)
    }

    private func writeObject(_ comparison: ImageComparison, _ output: ResultStream) throws {
        var text = DifferenceJSON(comparison)
        try output.write(text.beginning)
        try comparison.run { try output.write(text.piece(of: $0)) }
        try output.write(text.end)
    }
}

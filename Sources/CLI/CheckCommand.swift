import ArgumentParser
import Build
import Linux
import OCI

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Hashes every blob of a layout or an archive, and compares what its documents say.",
        discussion: """
            Each fault is a line on standard error, and the exit code is 3 where there is one. Without a tag \
            or a digest everything there is checked, also blobs that nothing names.
            """)

    @Argument(help: "oci:DIR[:TAG|@DIGEST], oci-archive:FILE or docker-archive:FILE.")
    var image: String

    @Option(name: .shortAndLong, help: "Threads. All processors by default, 16 at most.")
    var jobs: Int?

    @OptionGroup(title: "Limits") var limits: LimitFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = Console(messages)
        let checked: CheckedImages
        do {
            checked = try ImageCheck(
                of: ArgumentBytes.bytes(image), jobs: jobs, limits: limits.settings, progress: console.show
            ).run()
        } catch {
            console.clear()
            throw error
        }
        for fault in checked.faults { console.sayFault(fault) }
        guard checked.faults.isEmpty else { throw ReportedFailure(kind: .integrity) }
        console.say(
            "checked \(Quantity.count(checked.documents, "document")) and \(Quantity.count(checked.blobs, "blob")), "
                + "\(Quantity.bytes(checked.bytes)): all as they should be")
    }
}

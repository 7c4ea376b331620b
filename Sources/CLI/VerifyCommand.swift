import ArgumentParser
import Build
import Linux
import OCI
import SystemPackage

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares an image or a file with what is signed of it, and that with what is expected.",
        discussion: """
            Exit code 0 when the artifact's bytes are whole and one attestation passes every check that was asked for, \
            3 when not. Attestations are looked for beside the artifact and in the layout. Nothing of one is read \
            before a given key has signed it.
            """)

    @Argument(
        help:
            "The image: a reference, oci:DIR, oci-archive:FILE or docker-archive:FILE, and :TAG or @DIGEST; or a file."
    )
    var artifact: String

    @OptionGroup(title: "Trust") var trust: TrustFlags
    @OptionGroup(title: "Expectations") var expectations: ExpectationFlags
    @OptionGroup(title: "Summaries") var summaries: SummaryFlags

    @Option(
        help: ArgumentHelp(
            "A file with attestations, in place of those beside the artifact.", valueName: "file"))
    var attestation: [PathArgument] = []

    @Option(help: ArgumentHelp("Of an image for several platforms.", valueName: "os/architecture"))
    var platform: TextArgument?

    @Option(help: ArgumentHelp("Write what Harness' OPA policies read.", valueName: "file"))
    var regoInput: PathArgument?

    @Option(help: ArgumentHelp("Pack this tree as it was packed, and compare.", valueName: "rootfs"))
    var rebuild: PathArgument?

    @Option(
        help: ArgumentHelp(
            "For --rebuild: a value that the provenance does not show.", valueName: "name=value"))
    var value: [TextArgument] = []

    @Flag(help: "For a program: one JSON object.")
    var json = false

    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        var request = VerifyRequest(artifact: ArgumentBytes.bytes(artifact))
        trust.fill(&request)
        expectations.fill(&request)
        try summaries.fill(&request)
        request.attestations = attestation.map(\.path)
        request.platform = platform?.text
        request.distribution = try registry.settings()
        request.regoInput = regoInput?.path
        if rebuild == nil, !value.isEmpty { throw ValidationError("--value goes with --rebuild") }
        if let rebuild {
            var settings = RebuildSettings(root: rebuild.path)
            settings.values = value.map(\.text)
            request.rebuild = settings
        }
        let console = Console(messages)
        let verification: Verification
        do {
            verification = try Verifier(request, progress: console.show).verify()
        } catch {
            console.clear()
            throw error
        }
        try VerificationReport(verification).end(on: console, isQuiet: messages.quiet, asJSON: json)
    }
}

import ArgumentParser
import Build
import Linux
import SystemPackage

struct AttestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Signs what is claimed of an image or a file.",
        discussion: """
            Without --predicate the record that varve pack left beside the image is signed, as far as it can be \
            confirmed here: builder, source and invocation are those of this command's own flags and environment, and \
            a record that contradicts them, or the image, is not signed. The key need not be where the build ran.
            """)

    @Argument(
        help:
            "The image: a reference, oci:DIR, oci-archive:FILE or docker-archive:FILE, and :TAG or @DIGEST; or a file."
    )
    var artifact: String

    @OptionGroup(title: "Key") var key: KeyFlags

    @Option(help: ArgumentHelp("What is claimed, as a JSON object; - is standard input.", valueName: "file"))
    var predicate: PathArgument?

    @Option(
        help: ArgumentHelp(
            "slsaprovenance1, slsaprovenance, spdxjson, cyclonedx, vuln, openvex, vsa, link, custom or a URI.",
            valueName: "type"))
    var type: TextArgument?

    @Option(
        help: ArgumentHelp(
            "file: beside the artifact; layout: in the layout, too, as cosign's .att image and as a referrer.",
            valueName: "form"))
    var attestationOutput = AttestationOutput.file

    @Option(help: ArgumentHelp("The file in place of the one beside the artifact.", valueName: "file"))
    var attestationFile: PathArgument?

    @Option(help: ArgumentHelp("Of an image for several platforms.", valueName: "os/architecture"))
    var platform: TextArgument?

    @OptionGroup(title: "Provenance") var provenance: PlatformFlags
    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        var request = AttestRequest(artifact: ArgumentBytes.bytes(artifact), key: key.settings)
        request.platform = platform?.text
        request.distribution = try registry.settings()
        request.predicate = predicate?.path
        request.type = type?.text
        request.isAttached = attestationOutput == .layout
        request.file = attestationFile?.path
        provenance.fill(&request.provenance)
        request.variables = ProcessArguments.environment(without: KeySettings.secretVariables)
        let console = Console(messages)
        let signed: SignedAttestation
        do {
            signed = try Attester(request, progress: console.show).attest()
        } catch {
            console.clear()
            throw error
        }
        console.clear()
        console.say("signed      \(signed.predicateType)")
        for place in [signed.file?.escapedDescription, signed.image].compactMap({ $0 }) {
            try StandardStreams.writeOutput(Array("\(place)\n".utf8))
        }
    }
}

/// Where an attestation goes.
enum AttestationOutput: String, ExpressibleByArgument, CaseIterable {
    case file
    case layout
}

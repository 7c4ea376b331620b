import ArgumentParser
import Build
import Linux
import SystemPackage

struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Signs an image as cosign's .sig does: its digest and name, no statement.",
        discussion: "What was signed and the signature, in base64 of DER, go to files beside the image.")

    @Argument(
        help: "The image: a reference, oci:DIR, oci-archive:FILE or docker-archive:FILE, and :TAG or @DIGEST."
    )
    var image: String

    @OptionGroup(title: "Key") var key: KeyFlags

    @Option(
        help: ArgumentHelp(
            "What the image is called where it is fetched; its name here by default.", valueName: "reference")
    )
    var reference: TextArgument?

    @Option(
        help: ArgumentHelp(
            "file: beside the image; layout: in the layout, too, as cosign's .sig image.", valueName: "form"))
    var attestationOutput = AttestationOutput.file

    @Option(help: ArgumentHelp("Of an image for several platforms.", valueName: "os/architecture"))
    var platform: TextArgument?

    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        var request = SignRequest(image: ArgumentBytes.bytes(image), key: key.settings)
        request.reference = reference?.text
        request.distribution = try registry.settings()
        request.isAttached = attestationOutput == .layout
        request.platform = platform?.text
        let places =
            switch try ImageSigner(request, progress: Console(messages).show).sign() {
            case .files(let payload, let signature):
                [payload.escapedDescription, signature.escapedDescription]
            case .image(let name): [name]
            }
        for place in places { try StandardStreams.writeOutput(Array("\(place)\n".utf8)) }
    }
}

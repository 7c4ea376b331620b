import ArgumentParser
import Build

/// Whose signature: a key, or a program that has one.
struct KeyFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The private key: a file or env://NAME; cosign's form, PKCS #8 or SEC 1, P-256.", valueName: "key"
        ))
    var key: PathArgument?

    @Option(
        help: ArgumentHelp(
            "A program and its arguments, without a shell: gets the bytes to sign, returns the signature.",
            valueName: "command"))
    var signCommand: TextArgument?

    @Option(help: ArgumentHelp("The public key of --sign-command.", valueName: "key"))
    var publicKey: PathArgument?

    func validate() throws {
        guard (key == nil) != (signCommand == nil) else {
            throw ValidationError("give either --key or --sign-command")
        }
        guard (signCommand == nil) == (publicKey == nil) else {
            throw ValidationError("--sign-command and --public-key go together")
        }
    }

    var settings: KeySettings {
        if let signCommand, let publicKey {
            return .command(Array(signCommand.text.utf8), publicKey: publicKey.bytes)
        }
        return .key(key?.bytes ?? [])
    }
}

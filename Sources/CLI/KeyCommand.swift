import ArgumentParser
import Build
import Linux
import OCI
import SystemPackage

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Makes keys that sign, and shows them.",
        discussion: """
            Keys are files in cosign's form, encrypted under a password: COSIGN_PASSWORD if it is set, else what you \
            type where standard input is a terminal, else all of standard input. A KEY is a file or env://NAME; such \
            a variable is removed from the environment once it was read.
            """,
        subcommands: [
            KeyGenerateCommand.self, KeyPublicCommand.self, KeyImportCommand.self, KeyInspectCommand.self,
        ])
}

/// Where a key's files go.
struct KeyOutputFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp("What both files' paths begin with: PATH.key and PATH.pub.", valueName: "path"))
    var outputPrefix = PathArgument.cosign

    @Flag(help: "Replace files of these names; a private key that is replaced is gone.")
    var force = false

    func files() throws -> KeyPairFiles {
        try KeyPairFiles(prefix: outputPrefix.bytes, replaces: force)
    }

    func show(_ files: KeyPairFiles) throws {
        for path in [files.key, files.publicKey] {
            try StandardStreams.writeOutput(path.bytes + Array("\n".utf8))
        }
    }
}

struct KeyGenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Makes a P-256 key, and prints its two files' paths.")

    @OptionGroup var output: KeyOutputFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let files = try output.files()
        try files.generate(password: Password())
        try output.show(files)
    }
}

struct KeyImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Writes another file's P-256 key as varve key generate would: PKCS#8, SEC 1 or cosign's.")

    @Argument(help: ArgumentHelp("A private key: a file, or env://NAME.", valueName: "key"))
    var key: String

    @OptionGroup var output: KeyOutputFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let reference = try KeyReference(parsing: ArgumentBytes.bytes(key))
        let files = try output.files()
        let console = Console(messages)
        try files.importKey(reference, password: Password()) { console.show(.note($0)) }
        try output.show(files)
    }
}

struct KeyPublicCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "public", abstract: "Prints a key's public key.")

    @Argument(help: ArgumentHelp("A private or public key: a file, or env://NAME.", valueName: "key"))
    var key: String

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let reference = try KeyReference(parsing: ArgumentBytes.bytes(key))
        let console = Console(messages)
        try StandardStreams.writeOutput(reference.publicPEM(password: Password()) { console.show(.note($0)) })
    }
}

struct KeyInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Says what a key is, and asks for no password.")

    @Argument(help: ArgumentHelp("A private or public key: a file, or env://NAME.", valueName: "key"))
    var key: String

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        let console = Console(messages)
        let inspection = try KeyInspection(KeyReference(parsing: ArgumentBytes.bytes(key))) {
            console.show(.note($0))
        }
        if json {
            try StandardStreams.writeOutput(try inspection.json().serialized(indent: 2) + Array("\n".utf8))
        } else {
            let lines = try inspection.lines().map { name, value in
                name + String(repeating: " ", count: 13 - name.count) + value + "\n"
            }
            try StandardStreams.writeOutput(Array(lines.joined().utf8))
        }
    }
}

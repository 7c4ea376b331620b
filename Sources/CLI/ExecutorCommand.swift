import ArgumentParser
import Build
import Linux
import OCI

/// `varve executor`, and what this program does when it is called `executor`: Kaniko's command line.
struct ExecutorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "executor",
        abstract: "Builds an image as Kaniko's executor does: with its flags, files and variables.",
        usage: "varve executor --context DIR --destination REFERENCE [FLAG ...]",
        discussion: """
            Takes every flag of Kaniko 1.24 and of its fork 1.28; those without a meaning here say why in one line. \
            "executor version", "executor login" and "executor push" are there as well. With a key in VARVE_SIGN_KEY or \
            COSIGN_PRIVATE_KEY the image gets signed provenance; VARVE_PROVENANCE=FILE writes it to a file, \
            VARVE_ISOLATION says how RUN is isolated.
            """)

    @Argument(parsing: .captureForPassthrough)
    var arguments: [String] = []

    func run() throws {
        switch arguments.first {
        case "version":
            try StandardStreams.writeOutput(Array(("varve " + Version.current + "\n").utf8))
        case "--help", "-h", "help": throw CleanExit.helpRequest(Self.self)
        case "login":
            let login = try ExecutorLoginCommand.parse(Array(arguments.dropFirst()))
            try login.run()
        case "push":
            let push = try ExecutorPushCommand.parse(Array(arguments.dropFirst()))
            try push.run()
        default: try build()
        }
    }

    private func build() throws {
        guard let image = try ExecutorRun().run(arguments.map(ArgumentBytes.bytes)) else { return }
        try StandardStreams.writeOutput(Array("\(image.manifest.digest)\n".utf8))
    }
}

/// `executor login`.
struct ExecutorLoginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "executor login")

    @Argument(help: "The registry.")
    var registryName: TextArgument

    @Option(name: [.customShort("u"), .customLong("username")], help: "The user's name.")
    var user: TextArgument

    @Option(
        name: [.customShort("p"), .customLong("password")], help: "The password, which other processes see.")
    var password: TextArgument?

    @Flag(help: "Read the password from standard input; else it is asked for.")
    var passwordStdin = false

    func run() throws {
        let usual: LoginPassword = passwordStdin || !Terminal.isStandardInput ? .standardInput : .prompt
        let place = try RegistryLogin(DistributionSettings()).login(
            registryName.text, user: user.text, password: password.map { .text($0.text) } ?? usual)
        Console().say("login kept in \(escaped(place))")
    }
}

/// `executor push`.
struct ExecutorPushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "executor push")

    @Argument(help: "A tarball, or the directory of an OCI layout.")
    var image: PathArgument

    @Option(name: .shortAndLong, help: "Where it goes.")
    var destination: [TextArgument]

    func run() throws {
        let isLayout = Machine.kind(of: image.path) == .directory
        let transport = Array((isLayout ? "oci:" : "docker-archive:").utf8)
        var request = CopyRequest(
            source: transport + image.bytes, destinations: destination.map { Array($0.text.utf8) })
        request.direction = .push
        request.distribution = try DistributionSettings()
        try request.run(Console())
    }
}

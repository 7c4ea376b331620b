import ArgumentParser
import Build
import Linux

/// How the programs of a Dockerfile are run.
struct RunFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How far programs are kept from the machine: \(choices); auto by default: the first of these that works. Or inplace, which removes all files of the container's own / and works there.",
            valueName: "kind"))
    var isolation: TextArgument?

    @Flag(help: "With --isolation inplace: this is a container, although nothing tells so.")
    var force = false

    @Option(
        help: ArgumentHelp("Whom programs can speak to: default, host or none.", valueName: "kind"))
    var network: TextArgument?

    @Option(
        help: ArgumentHelp(
            "A secret for RUN --mount=type=secret: id=NAME,src=FILE or id=NAME,env=VARIABLE.",
            valueName: "secret"))
    var secret: [TextArgument] = []

    @Option(
        help: ArgumentHelp(
            "An agent for RUN --mount=type=ssh: default, or NAME=SOCKET.", valueName: "agent"))
    var ssh: [TextArgument] = []

    @Flag(help: "Programs cannot become more than they are, as sudo does.")
    var noNewPrivileges = false

    private static var choices: String { Isolation.automatic.map(\.rawValue).joined(separator: ", ") }

    func validate() throws {
        if let text = isolation?.text, text != "auto", Isolation(rawValue: text) == nil {
            throw ValidationError("--isolation is one of auto, \(Self.choices), inplace")
        }
        if force, !isInplace { throw ValidationError("--force is for --isolation inplace") }
        if let text = network?.text, RunSettings.Network(rawValue: text) == nil {
            throw ValidationError("--network is default, host or none")
        }
    }

    /// Whether anything can be mounted for programs.
    var wantsNamespaces: Bool { isolation?.text != Isolation.none.rawValue && !isInplace }

    /// Whether programs are run in this process's own root directory.
    var isInplace: Bool { isolation?.text == Isolation.inplace.rawValue }

    var settings: RunSettings {
        var settings = RunSettings()
        settings.isolation = isolation.flatMap { Isolation(rawValue: $0.text) }
        settings.network = network.flatMap { RunSettings.Network(rawValue: $0.text) } ?? .default
        settings.secrets = secret.map(\.text)
        settings.agents = ssh.map(\.text)
        settings.refusesNewPrivileges = noNewPrivileges
        return settings
    }
}

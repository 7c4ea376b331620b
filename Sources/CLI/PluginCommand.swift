import ArgumentParser
import Build
import Linux
import OCI

/// `varve plugin`: the steps of Drone's and Harness' pipelines.
struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin",
        abstract: "Does what a plugin of Drone and Harness does, as its variables say.",
        subcommands: [PluginBuildCommand.self, PluginSLSACommand.self],
        defaultSubcommand: PluginBuildCommand.self)
}

/// `varve plugin docker`, and the like.
struct PluginBuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Builds and pushes an image as a step of Drone or Harness, by the variables PLUGIN_*.",
        discussion: """
            Stands for plugins/kaniko and its siblings for Amazon's (ecr), Google's (gcr, gar) and Azure's (acr) registries. \
            Prints the executor's command line and the manifest digest on standard output; what was pushed is in the file \
            of PLUGIN_ARTIFACT_FILE, and the digest in that of DRONE_OUTPUT.
            """)

    @Argument(
        help: "Whose registry it is: docker, ecr, gcr, gar or acr.",
        transform: { text in
            guard let kind = PluginKind(rawValue: text) else {
                throw ValidationError("there are docker, ecr, gcr, gar and acr")
            }
            return kind
        })
    var kind = PluginKind.docker

    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        // Secrets leave the environment before anything else is done.
        let variables = try PluginVariables.take()
        let console = Console(messages)
        defer { console.clear() }
        let executor = try ExecutorRun()
        let step = try PluginStep(kind, variables, progress: console.show)
        if let line = step.line { try StandardStreams.writeOutput(Array("\(line)\n".utf8)) }
        let digest = try step.run(DistributionSettings.init) { arguments, logins in
            let words = arguments.map { Array($0.utf8) }
            guard let image = try executor.run(words, logins, messages) else { return "" }
            return "\(image.manifest.digest)"
        }
        try StandardStreams.writeOutput(Array("\(digest)\n".utf8))
    }
}

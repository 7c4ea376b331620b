import ArgumentParser
import Build
import Linux

/// The command line.
@main
struct Varve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "varve",
        abstract: "Builds container images without a daemon, and says where their layers came from.",
        version: BuilderVersions.all.map { "\($0.name) \($0.version)" }.joined(separator: "\n"),
        subcommands: [
            BuildCommand.self, PackCommand.self, UnpackCommand.self, InspectCommand.self, DiffCommand.self,
            CheckCommand.self,
            CollectCommand.self, DigestCommand.self, KeyCommand.self, AttestCommand.self, SignCommand.self,
            VerifyCommand.self, PushCommand.self, PullCommand.self, CopyCommand.self, IndexCommand.self,
            LoginCommand.self, LogoutCommand.self, CacheCommand.self, DoctorCommand.self,
            ExecutorCommand.self,
            PluginCommand.self,
        ])

    /// Runs the command; no thread is started before it does.
    static func main() {
        StandardStreams.occupy()
        Interruption.watch()
        Machine.keepFreedMemory()
        Machine.raiseFileLimit()
        let arguments = CalledAs.current.words + ProcessArguments.all.map(ArgumentBytes.text)
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch {
            // The parser may have refused the arguments, so it cannot be asked.
            let isJSON = zip(arguments, arguments.dropFirst()).contains { $0 == ("--log-format", "json") }
            let format: LogFormat = isJSON || arguments.contains("--log-format=json") ? .json : .text
            Failure(
                error, answer: fullMessage(for: error), reason: message(for: error),
                parserCode: exitCode(for: error).rawValue
            ).end(format)
        }
    }
}

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
        default: try build()
        }
    }

    private func build() throws {
        // It takes credentials out of the environment, which is read then.
        var distribution = try DistributionSettings()
        let variables = ProcessArguments.environment(without: KeySettings.secretVariables)
        var executor = try ExecutorRequest(arguments.map(ArgumentBytes.bytes), variables: variables)
        try executor.fill(&distribution, variables: variables)
        executor.build.distribution = distribution
        executor.build.variables = variables
        var options = OutputOptions()
        (options.quiet, options.logFormat) = (executor.isQuiet, executor.hasJSONLog ? .json : .text)
        let console = Console(options)
        defer { console.clear() }
        for note in executor.notes { console.note(note) }
        try isolate(&executor, variables["VARVE_ISOLATION"] ?? "")
        let builder = Builder(executor.build, progress: console.show)
        guard !executor.isDryRun else {
            let outline = try builder.outline()
            console.clear()
            return try StandardStreams.writeOutput(Array(outline.text.utf8))
        }
        let image = try builder.build()
        try console.say(
            image, in: executor.outputs, isSigned: executor.build.provenance.key != nil,
            usesStandardOutput: executor.build.usesStandardOutput)
    }

    /// Chooses how programs are run: in a container that gives nothing better as Kaniko does it, in `/` itself.
    private func isolate(_ executor: inout ExecutorRequest, _ wish: String) throws {
        guard wish.isEmpty || wish == "auto" || Isolation(rawValue: wish) != nil else {
            throw ValidationError(
                "VARVE_ISOLATION is auto, or one of \(Isolation.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        let wanted = Isolation(rawValue: wish)
        executor.build.run.isolation = wanted
        // Nothing is made yet, and no thread runs.
        if wanted != Isolation.none, wanted != .inplace {
            executor.build.run.namespaces = Result { try OwnNamespaces.enter() }
        }
        guard !executor.isDryRun else { return }
        if try wanted == .inplace || wanted == nil && executor.build.needsOwnRoot() {
            try executor.build.useOwnRoot(isForced: executor.isForced)
        }
    }
}

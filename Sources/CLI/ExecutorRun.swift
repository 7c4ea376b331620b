import ArgumentParser
import Build
import Linux

/// A run of the executor, for its own command line and for the plugin's.
struct ExecutorRun {
    /// Says how RUN is isolated, for command lines that cannot.
    private static let variable = "VARVE_ISOLATION"

    private let wanted: Isolation?
    private let namespaces: Result<OwnNamespaces.Entry, any Error>?

    /// Enters namespaces; to be called while the process has one thread, and before anything is made.
    ///
    /// - Throws: `ValidationError`.
    init() throws {
        let wish = ProcessArguments.environment[Self.variable] ?? ""
        wanted = Isolation(rawValue: wish)
        guard wish.isEmpty || wish == "auto" || wanted != nil else {
            let choices = Isolation.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(Self.variable) is auto, \(choices)")
        }
        // In a container that gives nothing better RUN works in / itself: nothing is entered for that.
        let isAlone = wanted == Isolation.none || wanted == .inplace
        namespaces = isAlone ? nil : Result { try OwnNamespaces.enter() }
    }

    /// Builds what a command line asks for.
    ///
    /// - Parameters:
    ///   - arguments: Kaniko's, as bytes.
    ///   - logins: Those that go before all others.
    ///   - messages: How messages look, where the arguments say nothing of it.
    /// - Returns: The image; `nil` where only the plan was wanted.
    /// - Throws: What reading the arguments and building throws.
    func run(
        _ arguments: [[UInt8]], _ logins: GivenLogins? = nil, _ messages: OutputOptions? = nil
    ) throws -> PublishedImage? {
        // It takes credentials out of the environment, which is read then.
        var distribution = try DistributionSettings()
        let variables = ProcessArguments.environment(without: KeySettings.secretVariables)
        var executor = try ExecutorRequest(arguments, variables: variables)
        try executor.fill(&distribution, variables: variables)
        if let logins { try distribution.give(logins) }
        executor.build.distribution = distribution
        executor.build.variables = variables
        let isQuiet = executor.isQuiet || messages?.quiet ?? false
        let console = Console(
            isQuiet: isQuiet, executor.hasJSONLog ? .json : messages?.logFormat ?? .text)
        defer { console.clear() }
        for note in executor.notes { console.note(note) }
        try isolate(&executor)
        let builder = Builder(executor.build, progress: console.show)
        guard !executor.isDryRun else {
            let outline = try builder.outline()
            console.clear()
            try StandardStreams.writeOutput(Array(outline.text.utf8))
            return nil
        }
        let image = try builder.build()
        try executor.sendDigest(image)
        let isSigned = executor.build.provenance.key != nil
        console.sayPlaces(of: image, executor.outputs, isSigned: isSigned)
        return image
    }

    /// Chooses how programs are run: in a container that gives nothing better as Kaniko does it, in `/` itself.
    private func isolate(_ executor: inout ExecutorRequest) throws {
        executor.build.run.isolation = wanted
        executor.build.run.namespaces = namespaces
        guard !executor.isDryRun else { return }
        if try wanted == .inplace || wanted == nil && executor.build.needsOwnRoot() {
            try executor.build.useOwnRoot(isForced: executor.isForced)
        }
    }
}

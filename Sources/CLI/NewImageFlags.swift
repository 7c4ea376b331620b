import ArgumentParser
import Build
import Linux

/// Where a new image goes.
struct OutputFlags: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the image goes, once or several times: oci:DIR:TAG, oci-archive:FILE:TAG, docker-archive:FILE:REPOSITORY:TAG or docker://REGISTRY/REPOSITORY:TAG; the file - is standard output.",
            valueName: "location"))
    var output: [String] = []

    @Option(
        help: ArgumentHelp(
            "The same as --output for a registry: registry.example.com/app:1.0.", valueName: "reference"))
    var destination: [String] = []

    /// All places, as they were written.
    var places: [String] { output + destination }
}

/// What is said of a new image, and to whom.
struct PublicationFlags: ParsableArguments {
    @OptionGroup(title: "Provenance") var provenance: ProvenanceFlags
    @OptionGroup(title: "Results") var results: ResultFlags
    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func fill(_ request: inout some NewImageRequest) throws {
        // It takes credentials out of the environment, which is read then.
        request.distribution = try registry.settings()
        request.variables = ProcessArguments.environment(without: KeySettings.secretVariables)
        request.provenance = provenance.settings
        request.results = results.paths
        if let ciOutput = results.ciOutput {
            request.results.ci = try CIOutput(parsing: ciOutput.bytes, request.variables)
            try request.results.ci?.expectRoom(usesStandardOutput: request.usesStandardOutput)
        }
        request.created = results.created?.text
    }

    /// Says what was made of a request.
    func say(
        _ image: PublishedImage, of request: some NewImageRequest, in outputs: [[UInt8]], _ console: Console
    ) throws {
        try console.say(
            image, in: outputs, isSigned: provenance.signKey != nil,
            usesStandardOutput: request.usesStandardOutput)
    }
}

/// A request for a new image, whatever that is made of.
protocol NewImageRequest {
    var distribution: DistributionSettings? { get set }
    var variables: [String: String] { get set }
    var provenance: ProvenanceSettings { get set }
    var results: ResultPaths { get set }
    var created: String? { get set }
    var usesStandardOutput: Bool { get }
}

extension BuildRequest: NewImageRequest {}
extension PackRequest: NewImageRequest {}

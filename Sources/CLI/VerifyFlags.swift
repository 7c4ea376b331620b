import ArgumentParser
import Build

/// Whom to believe.
struct TrustFlags: ParsableArguments {
    @Option(help: ArgumentHelp("A builder's public key: a file or env://NAME.", valueName: "key"))
    var key: [PathArgument] = []

    @Option(
        name: .customLong("builder-id"),
        help: ArgumentHelp("A builder that the keys may speak for.", valueName: "uri"))
    var builderID: [TextArgument] = []

    @Option(help: ArgumentHelp("All of this as data; docs/policy.md.", valueName: "file"))
    var policy: PathArgument?

    func fill(_ request: inout VerifyRequest) {
        request.keys = key.map(\.bytes)
        request.builderIDs = builderID.map(\.text)
        request.policy = policy?.path
    }
}

/// What provenance must say.
struct ExpectationFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The predicate's type, as varve attest --type has it.", valueName: "type"))
    var type: TextArgument?

    @Option(help: ArgumentHelp("The template of the build.", valueName: "uri"))
    var buildType: [TextArgument] = []

    @Option(help: ArgumentHelp("The repository, such as git+https://example.com/app.", valueName: "url"))
    var source: TextArgument?

    @Option(help: "The branch.")
    var branch: TextArgument?

    @Option(help: "The tag.")
    var tag: TextArgument?

    @Option(help: ArgumentHelp("The commit.", valueName: "hex"))
    var commit: TextArgument?

    @Option(
        help: ArgumentHelp("A part of the builder, such as plugins/kaniko>=1.7.5.", valueName: "requirement"))
    var requireBuilderVersion: [TextArgument] = []

    @Option(help: ArgumentHelp("How old it may be: 30d, 12h, 90m or 3600s.", valueName: "age"))
    var maxAge: TextArgument?

    @Flag(help: "Fail on external parameters that nothing here expects.")
    var strictParameters = false

    func fill(_ request: inout VerifyRequest) {
        request.type = type?.text
        request.buildTypes = buildType.map(\.text)
        request.source = source?.text
        request.branch = branch?.text
        request.tag = tag?.text
        request.commit = commit?.text
        request.builderVersions = requireBuilderVersion.map(\.text)
        request.maxAge = maxAge?.text
        request.isStrict = strictParameters
    }
}

/// Summaries of verifications: those that count in place of provenance, and the one to write.
struct SummaryFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Believe summaries under this public key.", valueName: "key"))
    var vsaKey: [PathArgument] = []

    @Option(help: ArgumentHelp("The verifier that those keys may speak for.", valueName: "uri"))
    var vsaVerifier: [TextArgument] = []

    @Option(help: ArgumentHelp("What a summary must call the artifact.", valueName: "uri"))
    var vsaResource: TextArgument?

    @Option(
        help: ArgumentHelp(
            "A level that a summary must claim, such as SLSA_BUILD_LEVEL_2.", valueName: "level"))
    var vsaLevel: [TextArgument] = []

    @Option(help: ArgumentHelp("Write a signed summary of this verification.", valueName: "file"))
    var vsa: PathArgument?

    @Option(
        help: ArgumentHelp(
            "The private key for --vsa; env://VARVE_SIGN_KEY or env://COSIGN_PRIVATE_KEY by default.",
            valueName: "key"))
    var vsaSignKey: PathArgument?

    @Option(
        name: .customLong("verifier-id"), help: ArgumentHelp("Who verifies, for --vsa.", valueName: "uri"))
    var verifierID: TextArgument?

    @Option(help: ArgumentHelp("What --vsa calls the artifact.", valueName: "uri"))
    var resourceURI: TextArgument?

    func fill(_ request: inout VerifyRequest) throws {
        request.summaryKeys = vsaKey.map(\.bytes)
        request.verifierIDs = vsaVerifier.map(\.text)
        request.summaryResource = vsaResource?.text
        request.summaryLevels = vsaLevel.map(\.text)
        guard let vsa else {
            guard vsaSignKey == nil, verifierID == nil, resourceURI == nil else {
                throw ValidationError("--vsa-sign-key, --verifier-id and --resource-uri go with --vsa")
            }
            return
        }
        var settings = SummarySettings(
            file: vsa.path, key: try KeySettings.orOfEnvironment(vsaSignKey?.bytes))
        settings.verifierID = verifierID?.text
        settings.resource = resourceURI?.text
        request.summary = settings
    }
}

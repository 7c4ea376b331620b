import ArgumentParser
import Build

/// How registries are spoken to.
struct RegistryFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Speak plain HTTP to this registry; to this machine that is the default.", valueName: "registry"))
    var insecureRegistry: [TextArgument] = []

    @Option(help: ArgumentHelp("Do not look at this registry's certificate.", valueName: "registry"))
    var skipTlsVerifyRegistry: [TextArgument] = []

    @Option(
        name: .customLong("ca-cert"),
        help: ArgumentHelp("Trust these certificates, too, in PEM.", valueName: "file"))
    var certificates: [PathArgument] = []

    @Option(help: ArgumentHelp("The certificate that says who asks, in PEM.", valueName: "file"))
    var clientCert: PathArgument?

    @Option(help: ArgumentHelp("The key of --client-cert, in PEM.", valueName: "file"))
    var clientKey: PathArgument?

    @Option(
        help: ArgumentHelp("Look for Docker Hub's images here first.", valueName: "registry[/path]"))
    var registryMirror: [TextArgument] = []

    @Option(
        help: ArgumentHelp(
            "Look for a registry's images elsewhere first, in this order.",
            valueName: "registry=other/path;another"))
    var registryMap: [TextArgument] = []

    @Flag(help: "Where others stand for a registry, do not ask it itself.")
    var skipDefaultRegistryFallback = false

    @Option(help: "How often a request is tried in all.")
    var tries: Int?

    /// The settings; variables with credentials are taken out of the environment.
    func settings() throws -> DistributionSettings {
        var settings = try DistributionSettings()
        settings.plainRegistries = insecureRegistry.map(\.text)
        settings.unverifiedRegistries = skipTlsVerifyRegistry.map(\.text)
        settings.certificates = certificates.map(\.path)
        (settings.clientCertificate, settings.clientKey) = (clientCert?.path, clientKey?.path)
        settings.mirrors = registryMirror.map(\.text)
        settings.maps = registryMap.map(\.text)
        settings.skipsOriginal = skipDefaultRegistryFallback
        settings.tries = tries
        return settings
    }
}

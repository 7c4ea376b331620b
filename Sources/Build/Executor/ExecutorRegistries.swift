import Linux
import OCI
import SystemPackage

/// What the executor's flags say of registries.
struct ExecutorRegistries {
    let arguments: ExecutorArguments
    let destinations: [ExecutorDestination]
    let variables: [String: String]

    /// - Throws: ``BuildError/usage(_:_:)``.
    func fill(_ settings: inout DistributionSettings) throws {
        let cache = try arguments.text("cache-repo").flatMap { try? Reference(parsing: $0) }
        let pushed = Set((destinations.map(\.reference) + [cache].compactMap(\.self)).map(\.registry))
            .sorted()
        // Kaniko, too, speaks TLS where it can.
        settings.maybePlainRegistries += try arguments.texts("insecure-registry")
        settings.unverifiedRegistries += try arguments.texts("skip-tls-verify-registry")
        if arguments.isOn("insecure") { settings.maybePlainRegistries += pushed }
        if arguments.isOn("skip-tls-verify") { settings.unverifiedRegistries += pushed }
        settings.maybePlainToPull = arguments.isOn("insecure-pull")
        settings.verifiesNobodyToPull = arguments.isOn("skip-tls-verify-pull")
        settings.skipsOriginal = arguments.isOn("skip-default-registry-fallback")
        settings.toleratesImmutableTags = arguments.isOn("push-ignore-immutable-tag-errors")
        settings.mirrors += try texts("registry-mirror", or: "KANIKO_REGISTRY_MIRROR", separator: ",")
        settings.maps += try texts("registry-map", or: "KANIKO_REGISTRY_MAP", separator: ";")
        try addCertificates(to: &settings)
        let retries = [arguments.number("push-retry"), arguments.number("image-download-retry")]
        if let most = retries.compactMap(\.self).max(), most >= 5 { settings.tries = min(most, 99) + 1 }
    }

    private func texts(_ name: String, or variable: String, separator: Character) throws -> [String] {
        let given = try arguments.texts(name)
        let all = given.isEmpty ? [variables[variable] ?? ""] : given
        return all.flatMap { $0.split(separator: separator).map(String.init) }
    }

    private func addCertificates(to settings: inout DistributionSettings) throws {
        for text in try arguments.texts("registry-certificate") {
            let (registry, path) = try Self.halves(text, "--registry-certificate", "REGISTRY=FILE")
            var certificates = RegistryCertificates(registry: registry)
            certificates.authority = FilePath(path)
            settings.registryCertificates.append(certificates)
        }
        for text in try arguments.texts("registry-client-cert") {
            let form = "REGISTRY=CERTIFICATE,KEY"
            let (registry, paths) = try Self.halves(text, "--registry-client-cert", form)
            let parts = paths.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
                throw BuildError.usage("--registry-client-cert", "write \(form)")
            }
            var certificates = RegistryCertificates(registry: registry)
            certificates.client = (FilePath(parts[0]), FilePath(parts[1]))
            settings.registryCertificates.append(certificates)
        }
    }

    private static func halves(
        _ text: String, _ flag: String, _ form: String
    ) throws(BuildError) -> (String, String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { throw .usage(flag, "write \(form)") }
        return (parts[0], parts[1])
    }
}

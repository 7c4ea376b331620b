import ArgumentParser
import Build
import Linux
import OCI

/// `varve plugin slsa`: the step of a pipeline, which says everything in variables.
struct PluginSLSACommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slsa",
        abstract: "Signs or verifies SLSA provenance of images in a registry, as Harness' SLSA step does.",
        discussion: """
            PLUGIN_TYPE is attest or verify; PLUGIN_REGISTRY, PLUGIN_REGISTRY_TYPE and PLUGIN_REPO say where.

            attest: PLUGIN_DIGESTS, else PLUGIN_TAGS (comma lists); COSIGN_PRIVATE_KEY and COSIGN_PASSWORD; \
            PROVENANCE_PREDICATE (JSON), else what the CI system's variables say; STEP_EXECUTION_ID; \
            PLUGIN_BUILDER_IMAGE, the images of the steps that built (a comma list), \
            PLUGIN_CI_MANAGER_VERSION and PLUGIN_BUILDER_ID.

            verify: PLUGIN_DIGEST, else PLUGIN_TAG; COSIGN_PUBLIC_KEY; PLUGIN_POLICIES, files and directories with \
            policies in Rego (a comma list), whose rule data.slsa.deny opa evaluates. Exit code 3 when not verified \
            or denied.
            """)

    @OptionGroup(title: "Registry") var registry: RegistryFlags
    @OptionGroup(title: "Messages") var messages: OutputOptions

    func run() throws {
        // It takes credentials out of the environment, which is read then.
        let distribution = try registry.settings()
        let variables = ProcessArguments.environment(without: KeySettings.secretVariables)
        let settings = try SLSASettings(variables: variables)
        let console = Console(messages)
        defer { console.clear() }
        switch settings.task {
        case .attest:
            let attestation = SLSAAttestation(settings, distribution, variables, progress: console.show)
            for place in try attestation.attest() {
                console.clear()
                try StandardStreams.writeOutput(Array("\(place)\n".utf8))
            }
        case .verify:
            let verification = try SLSAVerification(settings, distribution).verify()
            try VerificationReport(verification).end(on: console, isQuiet: messages.quiet)
        }
    }
}

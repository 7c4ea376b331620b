import Linux
import OCI
import Provenance
import SystemPackage

/// What a pipeline says to Harness' SLSA step, in its variables.
///
/// Source: Harness developer documentation, "Generate SLSA provenance", "Verify SLSA provenance".
public struct SLSASettings: Sendable {
    /// What the step does.
    public enum Task: Sendable {
        /// Signs provenance of images.
        case attest
        /// Verifies provenance of one.
        case verify
    }

    /// The variable with the private key.
    static let privateKey = "COSIGN_PRIVATE_KEY"
    /// The variable with the public key.
    static let publicKey = "COSIGN_PUBLIC_KEY"

    /// What the step does.
    public let task: Task
    /// The images, by tag or digest: of a verification one.
    let images: [Reference]
    /// What was claimed before: the predicate that the pipeline gives.
    let predicate: GivenPredicate?
    /// What is known of the build beside the CI system's variables.
    let provenance: ProvenanceSettings
    /// The version of what led the pipeline.
    let managerVersion: String?
    /// Files and directories with policies in Rego.
    let policies: [FilePath]
    /// Whether the pipeline means a key that is not varve's to hold.
    let wantsOtherKey: Bool

    /// Reads the variables.
    ///
    /// - Throws: ``BuildError/usage(_:_:)`` that names the variable.
    public init(variables: [String: String]) throws(BuildError) {
        let variables = SLSAVariables(variables)
        guard let type = variables["PLUGIN_TYPE"] else {
            throw .usage("PLUGIN_TYPE", "it is not set; set it to attest or verify")
        }
        let repository = try SLSARepository(variables).reference
        switch type {
        case "attest":
            task = .attest
            images = try Self.built(variables, repository)
            predicate = try variables["PROVENANCE_PREDICATE"].map { text throws(BuildError) in
                try GivenPredicate(parsing: text)
            }
        case "verify":
            task = .verify
            images = [try Self.verified(variables, repository)]
            predicate = nil
            guard variables[Self.publicKey] != nil else {
                throw .usage(Self.publicKey, "it is not set; set it to the public key in PEM")
            }
        default:
            throw .usage("PLUGIN_TYPE", "\(type.quoted) is none of attest, verify")
        }
        var provenance = ProvenanceSettings()
        provenance.invocationID = variables["STEP_EXECUTION_ID"]
        provenance.builderID = variables["PLUGIN_BUILDER_ID"]
        provenance.pluginImages = variables.list("PLUGIN_BUILDER_IMAGE")
        for image in provenance.pluginImages where (try? PluginImage(parsing: image)) == nil {
            // Without its text: it may be no reference but a URL with a password.
            throw .usage("PLUGIN_BUILDER_IMAGE", "write NAME[:TAG][@DIGEST]")
        }
        self.provenance = provenance
        managerVersion = variables["PLUGIN_CI_MANAGER_VERSION"] ?? variables["DRONE_SYSTEM_VERSION"]
        policies = variables.list("PLUGIN_POLICIES").map { FilePath($0) }
        wantsOtherKey = ["KMS_KEY", "FULCIO_URL", "PLUGIN_NON_HARNESS_OIDC_TOKEN"].contains {
            variables[$0] != nil
        }
    }

    /// Where the pipeline knows digests these are its images: a tag may be another's by now.
    private static func built(
        _ variables: SLSAVariables, _ repository: Reference
    ) throws(BuildError) -> [Reference] {
        var images: [Reference] = []
        for text in variables.list("PLUGIN_DIGESTS") {
            images.append(try pinned(repository, to: text, "PLUGIN_DIGESTS"))
        }
        if images.isEmpty {
            for text in variables.list("PLUGIN_TAGS") {
                images.append(try tagged(repository, text, "PLUGIN_TAGS"))
            }
        }
        guard !images.isEmpty else {
            throw .usage("PLUGIN_DIGESTS", "neither it nor PLUGIN_TAGS says which image; set one")
        }
        guard images.count <= limit else {
            throw .usage("PLUGIN_DIGESTS", "\(images.count) images are too many; give \(limit) at most")
        }
        return images
    }

    private static func verified(
        _ variables: SLSAVariables, _ repository: Reference
    ) throws(BuildError) -> Reference {
        if let digest = variables["PLUGIN_DIGEST"] {
            return try pinned(repository, to: digest, "PLUGIN_DIGEST")
        }
        guard let tag = variables["PLUGIN_TAG"] else {
            throw .usage("PLUGIN_DIGEST", "neither it nor PLUGIN_TAG says which image; set one")
        }
        return try tagged(repository, tag, "PLUGIN_TAG")
    }

    /// The most images of one step.
    private static let limit = 100

    private static func pinned(
        _ repository: Reference, to text: String, _ variable: String
    ) throws(BuildError) -> Reference {
        do {
            return repository.pinned(to: try Digest(parsing: text))
        } catch {
            throw .usage(variable, "\(error)")
        }
    }

    private static func tagged(
        _ repository: Reference, _ text: String, _ variable: String
    ) throws(BuildError) -> Reference {
        do {
            return try repository.tagged(text)
        } catch {
            throw .usage(variable, "\(error)")
        }
    }
}

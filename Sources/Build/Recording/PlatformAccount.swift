import OCI
import Provenance

/// What flags and the CI system say of who builds, from which sources: the same for who builds and for who signs later.
struct PlatformAccount {
    /// Who builds, unless the platform says so: varve on some machine, which nobody vouches for.
    static let unattestedBuilderID = "https://varve.dev/builders/unattested/v1"

    /// Where the sources are.
    let code: CodeMetadata
    /// The sources as a dependency.
    let source: ResourceDescriptor?
    private let environment: CIEnvironment
    private let settings: ProvenanceSettings
    private let plugins: [PluginImage]
    private let named: [ComponentVersion]

    /// - Throws: ``BuildError/usage(_:_:)``.
    init(
        _ settings: ProvenanceSettings, _ variables: [String: String], _ checkout: GitCheckout? = nil
    ) throws {
        self.settings = settings
        environment = CIEnvironment(variables: variables)
        if let commit = settings.commit, CommitID(commit) == nil {
            throw BuildError.usage("--commit", "give its 40 or 64 hexadecimal digits")
        }
        do {
            let location = try settings.source.map { try SourceLocation(parsing: $0) }
            let given = (location?.codeMetadata ?? CodeMetadata()).filled(
                from: CodeMetadata(commitSha: settings.commit))
            // A source that was named outweighs what the surroundings say of another one.
            let known = Self.code(checkout, environment)
            let isOther =
                location != nil && known.repositoryURL != nil
                && location?.repositoryURL != known.repositoryURL
            code = isOther ? given : given.filled(from: known)
            // What the surroundings say may be nonsense, and the build does not depend on it.
            let described = location ?? code.repositoryURL.flatMap { try? SourceLocation(parsing: $0) }
            source = try described?.dependency(commit: code.commitSha)
        } catch {
            throw BuildError.usage("--source", "\(error)")
        }
        do {
            plugins = try settings.pluginImages.map { try PluginImage(parsing: $0) }
        } catch {
            // Without its text: it may be no reference but a URL with a password.
            throw BuildError.usage("--plugin-image", "write NAME[:TAG][@DIGEST]")
        }
        named = try settings.plugins.map { text in
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else {
                throw BuildError.usage("--plugin", "write NAME=VERSION")
            }
            return ComponentVersion(
                name: Self.published(String(parts[0])), version: Self.published(String(parts[1])))
        }
    }

    private static func code(_ checkout: GitCheckout?, _ environment: CIEnvironment) -> CodeMetadata {
        let found = environment.codeMetadata
        guard let checkout else { return found }
        let remote = checkout.remote.flatMap { try? SourceLocation(parsing: $0) }?.repositoryURL
        let own = CodeMetadata(repositoryURL: remote, branch: checkout.branch, commitSha: checkout.commit)
        return found.isEmpty ? own : found.filled(from: own)
    }

    /// A text of the user's as everybody may read it.
    private static func published(_ text: String) -> String {
        Redaction.parameter(name: "", value: text).string ?? Redaction.redacted
    }

    /// Who builds.
    var builderID: String { settings.builderID.map(Self.published) ?? Self.unattestedBuilderID }

    /// The pipeline's own parts.
    var versions: [ComponentVersion] { environment.versions + plugins.map(\.component) + named }

    /// The images of the pipeline's plugins.
    var dependencies: [ResourceDescriptor] { plugins.map { $0.dependency() } }

    /// What names this run, where somebody said.
    var invocationID: String? { settings.invocationID.map(Self.published) ?? environment.invocationID }

    /// Who or what began the run.
    var trigger: TriggerMetadata { environment.triggerMetadata }

    /// Whether the metadata is written a second time in Harness' old spelling.
    var isHarnessCompatible: Bool { settings.isHarnessCompatible }

    /// What the platform sets.
    var internalParameters: JSONObject { environment.pipelineMetadata.json }
}

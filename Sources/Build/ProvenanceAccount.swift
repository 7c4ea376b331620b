import Compression
import Images
import Layers
import Linux
import OCI
import Provenance

/// What is known of a build before it begins, from flags, the CI system and git.
struct ProvenanceAccount {
    /// The template that explains ``externalParameters``; README, "Provenance".
    static let buildType = "https://varve.dev/build-types/pack/v1"
    /// Who builds, unless the platform says so: varve on some machine, which nobody vouches for.
    static let builderID = "https://varve.dev/builders/unattested/v1"

    private let request: PackRequest
    private let plan: PackPlan
    private let environment: CIEnvironment
    private let code: CodeMetadata
    private let source: ResourceDescriptor?
    private let plugins: [PluginImage]
    private let versions: [ComponentVersion]

    /// - Throws: ``BuildError/usage(_:_:)``.
    init(_ request: PackRequest, _ plan: PackPlan) throws {
        (self.request, self.plan) = (request, plan)
        let settings = request.provenance
        environment = CIEnvironment(variables: request.variables)
        let checkout = GitCheckout(around: request.root)
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
        versions = try settings.plugins.map { text in
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

    /// How a finished image came to be.
    func provenance(
        _ layer: Layer, _ dependencies: [ResourceDescriptor],
        started: FileStatus.Time, finished: FileStatus.Time
    ) -> BuildProvenance {
        BuildProvenance(
            buildType: Self.buildType,
            externalParameters: externalParameters,
            internalParameters: internalParameters,
            resolvedDependencies: [source, plan.base?.dependency].compactMap { $0 } + [
                ResourceDescriptor(name: "rootfs", digest: DigestSet(layer.diffID))
            ],
            builderID: request.provenance.builderID.map(Self.published) ?? Self.builderID,
            builderVersions: BuilderVersions.of(plan.layer.compression) + environment.versions
                + plugins.map(\.component) + versions,
            builderDependencies: dependencies + plugins.map { $0.dependency() },
            invocationID: request.provenance.invocationID.map(Self.published)
                ?? environment.invocationID ?? Self.randomID(),
            startedOn: Self.timestamp(started), finishedOn: Self.timestamp(finished),
            byproducts: [Self.byproduct(layer)],
            harnessCompatible: request.provenance.isHarnessCompatible)
    }

    /// Beside the pipeline, whether the same tree gives the same bytes on every machine: a field of the predicate
    /// itself would be refused by readers that know those by heart.
    private var internalParameters: JSONObject {
        var parameters = environment.pipelineMetadata.json
        parameters["varve_reproducible"] = .bool(
            plan.layer.compression.isReproducible && request.created != "now")
        return parameters
    }

    private var externalParameters: JSONObject {
        var parameters: JSONObject = [:]
        func add(_ key: String, _ object: JSONObject) {
            if !object.isEmpty { parameters[key] = .object(object) }
        }
        add("codeMetadata", code.json)
        add("triggerMetadata", environment.triggerMetadata.json)
        add("buildMetadata", buildMetadata.json)
        add("parameters", PackParameters.json(of: request))
        return parameters
    }

    private var buildMetadata: BuildMetadata {
        var labels: JSONObject = [:]
        for (name, text) in plan.configuration.labels.entries {
            labels[name] = Redaction.parameter(name: name, value: text)
        }
        return BuildMetadata(
            image: plan.names.first?.description,
            context: Redaction.withoutUserInformation("\(request.root)"),
            labels: labels)
    }

    private static func byproduct(_ layer: Layer) -> ResourceDescriptor {
        ResourceDescriptor(
            name: "layer", digest: DigestSet(layer.descriptor.digest),
            mediaType: layer.descriptor.mediaType.description,
            annotations: [
                "diffID": .string("\(layer.diffID)"), "size": .number(JSONNumber(layer.descriptor.size)),
                "uncompressedSize": .number(JSONNumber(layer.uncompressedSize)),
                "entries": .number(JSONNumber(layer.contents.entries)),
            ])
    }

    private static func timestamp(_ time: FileStatus.Time) -> Timestamp? {
        Timestamp(seconds: time.seconds, nanoseconds: Int32(time.nanoseconds))
    }

    /// A version 4 UUID: RFC 9562, section 5.4.
    private static func randomID() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
        return "urn:uuid:" + groups.joined(separator: "-")
    }
}

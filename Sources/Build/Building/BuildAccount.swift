import Compression
import Images
import Layers
import Linux
import OCI
import Provenance

/// What is known of a Dockerfile's build before it begins, and what is said of it at the end.
struct BuildAccount {
    /// The template that explains the external parameters; README, "Provenance".
    static let buildType = "https://varve.dev/build-types/dockerfile/v1"
    private let request: BuildRequest
    private let plan: BuildPlan
    private let platform: PlatformAccount

    /// - Throws: ``BuildError/usage(_:_:)``.
    init(_ request: BuildRequest, _ plan: BuildPlan) throws {
        (self.request, self.plan) = (request, plan)
        platform = try PlatformAccount(
            request.provenance, request.variables, plan.session.contexts.checkout)
    }

    /// How a finished image came to be.
    func provenance(
        _ stage: StageState, _ program: [ResourceDescriptor], started: FileStatus.Time,
        finished: FileStatus.Time
    ) throws -> BuildProvenance {
        BuildProvenance(
            buildType: Self.buildType, externalParameters: externalParameters(stage),
            internalParameters: internalParameters, resolvedDependencies: try dependencies(stage),
            builderID: platform.builderID,
            builderVersions: BuilderVersions.of(plan.session.method) + platform.versions,
            builderDependencies: program + platform.dependencies,
            invocationID: platform.invocationID ?? ProvenanceAccount.randomID(),
            startedOn: ProvenanceAccount.timestamp(started),
            finishedOn: ProvenanceAccount.timestamp(finished),
            byproducts: stage.layers.compactMap(Self.byproduct),
            harnessCompatible: request.provenance.isHarnessCompatible)
    }

    private var internalParameters: JSONObject {
        var parameters = platform.internalParameters
        parameters["varve_reproducible"] = .bool(
            plan.session.method.isReproducible && request.created != "now")
        return parameters
    }

    private func externalParameters(_ stage: StageState) -> JSONObject {
        var parameters: JSONObject = [:]
        func add(_ key: String, _ object: JSONObject) {
            if !object.isEmpty { parameters[key] = .object(object) }
        }
        add("codeMetadata", platform.code.json)
        add("triggerMetadata", platform.trigger.json)
        add("buildMetadata", buildMetadata(stage).json)
        add("parameters", BuildParameters.json(of: request))
        return parameters
    }

    private func buildMetadata(_ stage: StageState) -> BuildMetadata {
        var labels: JSONObject = [:]
        for (name, text) in stage.configuration.labels.entries {
            labels[name] = Redaction.parameter(name: name, value: text)
        }
        return BuildMetadata(
            image: (try? request.outputs.first?.writtenName)?.description,
            buildArgs: PackParameters.named(request.arguments, request.variables),
            context: Redaction.withoutUserInformation(String(decoding: request.context, as: UTF8.self)),
            dockerFile: plan.dockerfile.name, labels: labels)
    }

    /// Sources, bases, the Dockerfile, contexts, what ADD fetched, and layers that others made.
    private func dependencies(_ stage: StageState) throws -> [ResourceDescriptor] {
        var all: [ResourceDescriptor] = []
        func add(_ dependency: ResourceDescriptor?) {
            if let dependency, !all.contains(dependency) { all.append(dependency) }
        }
        add(platform.source)
        for stage in plan.stages {
            if case .image(let image) = stage.base { add(image.dependency) }
            for step in stage.steps {
                if case .image(let image) = step.origin { add(image.dependency) }
            }
        }
        add(
            ResourceDescriptor(
                name: Redaction.withoutUserInformation(plan.dockerfile.name),
                digest: DigestSet(plan.dockerfile.digest)))
        for material in try plan.session.contexts.materials { add(material) }
        for case .kept(_, let layer) in stage.layers.map(\.origin) { add(layer.dependency) }
        return all
    }

    /// A layer of this build's: where it stands in the Dockerfile, and whether it was made or kept.
    private static func byproduct(_ layer: StageLayer) -> ResourceDescriptor? {
        let by: StageLayer.By
        var annotations: JSONObject = [
            "diffID": .string("\(layer.diffID)"), "size": .number(JSONNumber(layer.descriptor.size)),
        ]
        switch layer.origin {
        case .base: return nil
        case .made(let found):
            by = found
            annotations["cache"] = "miss"
        case .kept(let found, _):
            by = found
            annotations["cache"] = "hit"
        }
        annotations["stage"] = .string(by.stage)
        annotations["line"] = .number(JSONNumber(by.line))
        annotations["instruction"] = Redaction.parameter(name: "", value: by.text)
        return ResourceDescriptor(
            name: "layer", digest: DigestSet(layer.descriptor.digest),
            mediaType: layer.descriptor.mediaType.description, annotations: annotations)
    }
}

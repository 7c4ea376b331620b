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
    ///
    /// - Throws: `CryptographyError`.
    func provenance(
        _ stage: StageState, _ program: [ResourceDescriptor], started: FileStatus.Time,
        finished: FileStatus.Time
    ) throws -> BuildProvenance {
        platform.provenance(
            BuildFacts(
                buildType: Self.buildType, metadata: metadata(stage), parameters: request.parameters,
                compression: plan.session.method, isTimeless: request.created != "now",
                dependencies: try dependencies(stage), program: program,
                byproducts: stage.layers.compactMap(Self.byproduct), started: started, finished: finished))
    }

    private func metadata(_ stage: StageState) -> BuildMetadata {
        BuildMetadata(
            image: (try? request.outputs.first?.writtenName)?.description,
            buildArgs: request.namedArguments,
            context: Redaction.withoutUserInformation(String(decoding: request.context, as: UTF8.self)),
            dockerFile: Redaction.withoutUserInformation(plan.dockerfile.name),
            labels: stage.configuration.labels.redacted)
    }

    /// Bases, the Dockerfile, contexts, what ADD fetched, and layers that others made.
    private func dependencies(_ stage: StageState) throws -> [ResourceDescriptor] {
        var all: [ResourceDescriptor] = []
        func add(_ dependency: ResourceDescriptor?) {
            if let dependency, !all.contains(dependency) { all.append(dependency) }
        }
        for stage in plan.stages {
            if case .image(let image) = stage.base { add(image.dependency) }
            for step in stage.steps {
                for case .image(let image) in step.origins {
                    add(image.dependency)
                }
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

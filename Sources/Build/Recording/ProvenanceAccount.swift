import Images
import Layers
import Linux
import OCI
import Provenance

/// What is known of a packed tree before it is packed, from flags, the CI system and git, and what is said of it then.
struct ProvenanceAccount {
    /// The template that explains the parameters; README, "Provenance".
    static let buildType = "https://varve.dev/build-types/pack/v1"
    private let request: PackRequest
    private let plan: PackPlan
    private let platform: PlatformAccount

    /// - Throws: ``BuildError/usage(_:_:)``.
    init(_ request: PackRequest, _ plan: PackPlan) throws {
        (self.request, self.plan) = (request, plan)
        platform = try PlatformAccount(
            request.provenance, request.variables, GitCheckout(around: request.root))
    }

    /// How a finished image came to be.
    func provenance(
        _ layer: Layer, _ program: [ResourceDescriptor],
        started: FileStatus.Time, finished: FileStatus.Time
    ) -> BuildProvenance {
        platform.provenance(
            BuildFacts(
                buildType: Self.buildType, metadata: metadata, parameters: request.parameters,
                compression: plan.layer.compression, isTimeless: request.created != "now",
                dependencies: [plan.base?.dependency].compactMap { $0 } + [
                    ResourceDescriptor(name: "rootfs", digest: DigestSet(layer.diffID))
                ],
                program: program, byproducts: [Self.byproduct(layer)], started: started,
                finished: finished))
    }

    private var metadata: BuildMetadata {
        BuildMetadata(
            image: plan.names.first?.description,
            context: Redaction.withoutUserInformation("\(request.root)"),
            labels: plan.configuration.labels.redacted)
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
}

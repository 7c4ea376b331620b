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
        _ layer: Layer, _ dependencies: [ResourceDescriptor],
        started: FileStatus.Time, finished: FileStatus.Time
    ) -> BuildProvenance {
        BuildProvenance(
            buildType: Self.buildType,
            externalParameters: externalParameters,
            internalParameters: internalParameters,
            resolvedDependencies: [platform.source, plan.base?.dependency].compactMap { $0 } + [
                ResourceDescriptor(name: "rootfs", digest: DigestSet(layer.diffID))
            ],
            builderID: platform.builderID,
            builderVersions: BuilderVersions.of(plan.layer.compression) + platform.versions,
            builderDependencies: dependencies + platform.dependencies,
            invocationID: platform.invocationID ?? Self.randomID(),
            startedOn: Self.timestamp(started), finishedOn: Self.timestamp(finished),
            byproducts: [Self.byproduct(layer)],
            harnessCompatible: request.provenance.isHarnessCompatible)
    }

    /// Beside the pipeline, whether the same tree gives the same bytes on every machine: a field of the predicate
    /// itself would be refused by readers that know those by heart.
    private var internalParameters: JSONObject {
        var parameters = platform.internalParameters
        parameters["varve_reproducible"] = .bool(
            plan.layer.compression.isReproducible && request.created != "now")
        return parameters
    }

    private var externalParameters: JSONObject {
        var parameters: JSONObject = [:]
        func add(_ key: String, _ object: JSONObject) {
            if !object.isEmpty { parameters[key] = .object(object) }
        }
        add("codeMetadata", platform.code.json)
        add("triggerMetadata", platform.trigger.json)
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

    static func timestamp(_ time: FileStatus.Time) -> Timestamp? {
        Timestamp(seconds: time.seconds, nanoseconds: Int32(time.nanoseconds))
    }

    /// A version 4 UUID: RFC 9562, section 5.4.
    static func randomID() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
        return "urn:uuid:" + groups.joined(separator: "-")
    }
}

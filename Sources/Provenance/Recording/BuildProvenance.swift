public import OCI

/// How an artifact came to be: what was asked for, by whom it was built, and from what.
///
/// Source: SLSA Provenance v1 (predicate type `https://slsa.dev/provenance/v1`).
public struct BuildProvenance: Hashable, Sendable {
    /// The predicate type, the same for SLSA 1.0, 1.1 and 1.2.
    public static let predicateType = "https://slsa.dev/provenance/v1"

    /// The URI of the template that explains the parameters.
    public var buildType: String
    /// Everything that the one who asked for the build could set.
    public var externalParameters: JSONObject
    /// What the platform set; nobody verifies it.
    public var internalParameters: JSONObject
    /// What went into the artifact: sources, base images.
    public var resolvedDependencies: [ResourceDescriptor]
    /// The URI of the platform that is trusted to have built as this says.
    public var builderID: String
    /// The builder's parts and their versions, in any order.
    public var builderVersions: [ComponentVersion]
    /// What the builder needed itself and the build's steps never saw, such as a plugin's image.
    public var builderDependencies: [ResourceDescriptor]
    /// What names this one run, unique in the world at best.
    public var invocationID: String?
    /// When the build began.
    public var startedOn: Timestamp?
    /// When the build ended.
    public var finishedOn: Timestamp?
    /// What else came out of the build, such as logs.
    public var byproducts: [ResourceDescriptor]
    /// Whether the run's metadata is written a second time, as `runDetailsMetadata`.
    ///
    /// Harness CI wrote it under that name in 2023. A reader that knows the predicate's
    /// fields by heart refuses the extra one.
    public var harnessCompatible: Bool

    /// Describes a build; what was not given is left out.
    public init(
        buildType: String, externalParameters: JSONObject, internalParameters: JSONObject = JSONObject(),
        resolvedDependencies: [ResourceDescriptor] = [], builderID: String,
        builderVersions: [ComponentVersion] = [], builderDependencies: [ResourceDescriptor] = [],
        invocationID: String? = nil, startedOn: Timestamp? = nil, finishedOn: Timestamp? = nil,
        byproducts: [ResourceDescriptor] = [], harnessCompatible: Bool = false
    ) {
        self.buildType = buildType
        self.externalParameters = externalParameters
        self.internalParameters = internalParameters
        self.resolvedDependencies = resolvedDependencies
        self.builderID = builderID
        self.builderVersions = builderVersions
        self.builderDependencies = builderDependencies
        self.invocationID = invocationID
        self.startedOn = startedOn
        self.finishedOn = finishedOn
        self.byproducts = byproducts
        self.harnessCompatible = harnessCompatible
    }

    /// The statement that these artifacts were built so.
    ///
    /// - Throws: ``ProvenanceError/missingField(_:)`` for a build type, builder id or external
    ///   parameters that are empty, and what ``Statement/init(subject:predicateType:predicate:)`` throws.
    public func statement(about subject: [ResourceDescriptor]) throws(ProvenanceError) -> Statement {
        guard !buildType.isEmpty else { throw .missingField("buildType") }
        guard !externalParameters.isEmpty else { throw .missingField("externalParameters") }
        guard !builderID.isEmpty else { throw .missingField("builder.id") }
        return try Statement(
            subject: subject, predicateType: BuildProvenance.predicateType, predicate: predicate)
    }

    /// The predicate as JSON, without the fields that are empty.
    public var json: JSONValue { .object(predicate) }

    private var predicate: JSONObject {
        ["buildDefinition": .object(buildDefinition), "runDetails": .object(runDetails)]
    }

    private var buildDefinition: JSONObject {
        var object: JSONObject = [
            "buildType": .string(buildType), "externalParameters": .object(externalParameters),
        ]
        if !internalParameters.isEmpty { object["internalParameters"] = .object(internalParameters) }
        object["resolvedDependencies"] = list(resolvedDependencies)
        return object
    }

    private var runDetails: JSONObject {
        var builder: JSONObject = ["id": .string(builderID)]
        let versions = ComponentVersion.json(builderVersions)
        if !versions.isEmpty { builder["version"] = .object(versions) }
        builder["builderDependencies"] = list(builderDependencies)

        let run = JSONObject(texts: [
            "invocationId": invocationID,
            "startedOn": startedOn.map(milliseconds),
            "finishedOn": finishedOn.map(milliseconds),
        ])

        var object: JSONObject = ["builder": .object(builder)]
        if !run.isEmpty { object["metadata"] = .object(run) }
        if harnessCompatible, !run.isEmpty { object["runDetailsMetadata"] = .object(run) }
        object["byproducts"] = list(byproducts)
        return object
    }

    private func list(_ resources: [ResourceDescriptor]) -> JSONValue? {
        resources.isEmpty ? nil : .array(resources.map(\.json))
    }
}

/// The time with exactly three decimals, as policies have read it so far; finer ones are cut off.
private func milliseconds(_ time: Timestamp) -> String {
    let halves = time.description.dropLast().split(separator: ".", maxSplits: 1)
    let decimals = halves.count == 2 ? halves[1].prefix(3) : ""
    let zeros = String(repeating: "0", count: 3 - decimals.count)
    return "\(halves.first ?? "").\(decimals)\(zeros)Z"
}

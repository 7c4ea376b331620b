import OCI
import Provenance

/// A predicate that a pipeline gives: what it says stays, and what it leaves out is added.
struct GivenPredicate: Sendable {
    /// The predicate.
    private(set) var json: JSONObject

    private static let variable = "PROVENANCE_PREDICATE"
    private static let limits = JSONLimits(bytes: 1 << 20, depth: 60, values: 100_000)

    /// - Throws: ``BuildError/usage(_:_:)`` for what is no predicate of SLSA provenance, version 1.
    init(parsing text: String) throws(BuildError) {
        func refuse(_ reason: String) -> BuildError { .usage(Self.variable, reason) }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: Array(text.utf8), limits: Self.limits)
        } catch {
            throw refuse("\(error)")
        }
        guard let json = value.object else { throw refuse("it is no JSON object") }
        guard json["predicate"] == nil else { throw refuse("it is a statement; give its predicate alone") }
        guard let type = json["buildDefinition"]?["buildType"]?.string, !type.isEmpty else {
            throw refuse("buildDefinition.buildType is missing, or no text")
        }
        guard json["buildDefinition"]?["externalParameters"]?.object != nil else {
            throw refuse("buildDefinition.externalParameters is missing, or no object")
        }
        guard let id = json["runDetails"]?["builder"]?["id"]?.string, !id.isEmpty else {
            throw refuse("runDetails.builder.id is missing, or no text")
        }
        let builder = json["runDetails"]?["builder"]
        try Self.expect(builder?["version"], "runDetails.builder.version", "an object of texts") {
            $0.object?.members.allSatisfy { $0.value.string != nil } == true
        }
        try Self.expect(builder?["builderDependencies"], "runDetails.builder.builderDependencies", "a list") {
            $0.array != nil
        }
        try Self.expect(json["runDetails"]?["metadata"], "runDetails.metadata", "an object") {
            $0.object != nil
        }
        self.json = json
    }

    private static func expect(
        _ value: JSONValue?, _ place: String, _ what: String, _ isWhat: (JSONValue) -> Bool
    ) throws(BuildError) {
        if let value, !isWhat(value) { throw .usage(variable, "\(place) is not \(what)") }
    }

    /// Adds what it does not say.
    ///
    /// - Parameters:
    ///   - versions: The builder's parts.
    ///   - dependencies: The images of those.
    ///   - invocationID: What names the run.
    mutating func complete(
        versions: [ComponentVersion], dependencies: [ResourceDescriptor], invocationID: String?
    ) {
        var details = json["runDetails"]?.object ?? JSONObject()
        var builder = details["builder"]?.object ?? JSONObject()
        var version = builder["version"]?.object ?? JSONObject()
        for part in versions.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        where version[part.name] == nil {
            version[part.name] = .string(part.version)
        }
        if !version.isEmpty { builder["version"] = .object(version) }
        let known = builder["builderDependencies"]?.array ?? []
        let others = dependencies.map(\.json).filter { new in
            !known.contains { $0["uri"] != nil && $0["uri"] == new["uri"] }
        }
        if !others.isEmpty { builder["builderDependencies"] = .array(known + others) }
        details["builder"] = .object(builder)
        var metadata = details["metadata"]?.object ?? JSONObject()
        if let invocationID, metadata["invocationId"] == nil {
            metadata["invocationId"] = .string(invocationID)
            details["metadata"] = .object(metadata)
        }
        json["runDetails"] = .object(details)
    }
}

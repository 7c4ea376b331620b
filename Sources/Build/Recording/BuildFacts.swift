import Compression
import Linux
import OCI
import Provenance

/// What a finished build knows of itself, whatever it was that it built from.
struct BuildFacts {
    /// The template that explains the parameters; README, "Provenance".
    let buildType: String
    let metadata: BuildMetadata
    /// The flags that were set.
    let parameters: JSONObject
    let compression: CompressionMethod
    /// Whether the time of the build stands nowhere in the image.
    let isTimeless: Bool
    /// What the image was made of, but for the sources.
    let dependencies: [ResourceDescriptor]
    /// The program and the shared objects mapped into it.
    let program: [ResourceDescriptor]
    let byproducts: [ResourceDescriptor]
    let started: FileStatus.Time
    let finished: FileStatus.Time
}

extension PlatformAccount {
    /// How an image came to be: what its build knows, and what is known of who built.
    func provenance(_ facts: BuildFacts) -> BuildProvenance {
        BuildProvenance(
            buildType: facts.buildType, externalParameters: externalParameters(facts),
            internalParameters: internalParameters(facts),
            resolvedDependencies: [source].compactMap { $0 } + facts.dependencies, builderID: builderID,
            builderVersions: BuilderVersions.of(facts.compression) + versions,
            builderDependencies: facts.program + dependencies,
            invocationID: invocationID ?? Self.randomID(), startedOn: Self.timestamp(facts.started),
            finishedOn: Self.timestamp(facts.finished), byproducts: facts.byproducts,
            harnessCompatible: isHarnessCompatible)
    }

    private func externalParameters(_ facts: BuildFacts) -> JSONObject {
        var parameters: JSONObject = [:]
        func add(_ key: String, _ object: JSONObject) {
            if !object.isEmpty { parameters[key] = .object(object) }
        }
        add("codeMetadata", code.json)
        add("triggerMetadata", trigger.json)
        add("buildMetadata", facts.metadata.json)
        add("parameters", facts.parameters)
        return parameters
    }

    /// Beside the pipeline, whether the same input gives the same bytes on every machine: a field of the predicate
    /// itself would be refused by readers that know those by heart.
    private func internalParameters(_ facts: BuildFacts) -> JSONObject {
        var parameters = internalParameters
        parameters["varve_reproducible"] = .bool(facts.compression.isReproducible && facts.isTimeless)
        return parameters
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

extension Annotations {
    /// Names and values as everybody may read them.
    var redacted: JSONObject {
        var json: JSONObject = [:]
        for (name, text) in entries { json[name] = Redaction.parameter(name: name, value: text) }
        return json
    }
}

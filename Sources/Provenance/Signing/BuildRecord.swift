public import OCI

/// What a build said of itself, without a signature: untrusted input for whoever signs.
///
/// Who signs knows some things himself, and what he does not know he may only pass on: a record that was edited between
/// the build and the signature must not gain by it.
///
/// Source: SLSA 1.2, "Build requirements", Provenance generation, Level 2: the platform says who built what.
public struct BuildRecord: Sendable {
    /// What the one who signs knows himself, from flags, environment, and the artifact's own bytes.
    public struct Account: Sendable {
        /// The template; the record's must be the same.
        public var buildType: String
        /// Who builds.
        public var builderID: String
        /// A builder id that says nothing: a record with it does not contradict another one.
        public var unspokenBuilderID: String
        /// The builder's parts and their versions.
        public var versions: [ComponentVersion]
        /// What the builder itself is made of.
        public var builderDependencies: [ResourceDescriptor]
        /// What names this run.
        public var invocationID: String?
        /// Where the sources are.
        public var code: CodeMetadata
        /// The sources as a dependency.
        public var source: ResourceDescriptor?
        /// What the platform sets.
        public var internalParameters: JSONObject
        /// The layers that were hashed, with the digests of their tars, the lowest first.
        public var layers: [(digest: Digest, diffID: Digest)]
        /// SHA-256 of the manifest, and of the archive's file, in lower-case hexadecimal.
        public var digests: [String]

        /// Nothing known but the artifact.
        public init(
            buildType: String, builderID: String, unspokenBuilderID: String, digests: [String],
            layers: [(digest: Digest, diffID: Digest)]
        ) {
            (self.buildType, self.builderID) = (buildType, builderID)
            self.unspokenBuilderID = unspokenBuilderID
            (self.digests, self.layers) = (digests, layers)
            (versions, builderDependencies, invocationID) = ([], [], nil)
            (code, source, internalParameters) = (CodeMetadata(), nil, JSONObject())
        }
    }

    private let account: Account
    private var leftOut: [String] = []

    private init(_ account: Account) { self.account = account }

    /// The predicate to sign.
    ///
    /// - Parameters:
    ///   - record: What the build wrote.
    ///   - account: What the signer knows.
    /// - Throws: ``RecordError`` that names the first field in which they contradict each other.
    /// - Returns: The predicate; and the fields that only the record has and only the signer may say.
    public static func predicate(
        of record: ReceivedStatement, confirmedBy account: Account
    ) throws(RecordError) -> (predicate: JSONObject, leftOut: [String]) {
        var reading = BuildRecord(account)
        guard record.predicateType == BuildProvenance.predicateType else {
            throw .contradiction(
                field: "predicateType", recorded: record.predicateType, known: BuildProvenance.predicateType)
        }
        for (number, subject) in record.subjects.enumerated() {
            let digest = subject.digests["sha256"] ?? ""
            guard account.digests.contains(digest) else {
                throw .contradiction(
                    field: "subject[\(number)].digest.sha256", recorded: digest,
                    known: account.digests.first ?? "")
            }
        }
        let definition = try reading.definition(record.predicate["buildDefinition"]?.object ?? JSONObject())
        let details = try reading.details(record.predicate["runDetails"]?.object ?? JSONObject())
        return (["buildDefinition": .object(definition), "runDetails": .object(details)], reading.leftOut)
    }

    // MARK: What was asked for

    private mutating func definition(_ record: JSONObject) throws(RecordError) -> JSONObject {
        let place = "buildDefinition"
        try expect(record["buildType"]?.string ?? "", account.buildType, "\(place).buildType")
        var external = record["externalParameters"]?.object ?? JSONObject()
        let code = try confirmed(
            external["codeMetadata"], account.code.json, "\(place).externalParameters.codeMetadata")
        external["codeMetadata"] = code.isEmpty ? nil : .object(code)
        if var parameters = external["parameters"]?.object, let source = parameters["source"]?.string {
            let url = (try? SourceLocation(parsing: source))?.repositoryURL ?? source
            if let known = account.code.repositoryURL {
                try expect(url, known, "\(place).externalParameters.parameters.source")
            } else {
                parameters["source"] = nil
                external["parameters"] = .object(parameters)
                leftOut.append("\(place).externalParameters.parameters.source")
            }
        }
        guard !external.isEmpty else { throw .missing(field: "\(place).externalParameters") }
        var internals = try confirmed(
            record["internalParameters"], account.internalParameters, "\(place).internalParameters")
        internals["varve_recordedBy"] = "build"
        var definition = record
        definition["buildType"] = .string(account.buildType)
        definition["externalParameters"] = .object(external)
        definition["internalParameters"] = .object(internals)
        let dependencies = try dependencies(record["resolvedDependencies"]?.array ?? [])
        definition["resolvedDependencies"] = dependencies.isEmpty ? nil : .array(dependencies)
        return definition
    }

    private mutating func dependencies(_ record: [JSONValue]) throws(RecordError) -> [JSONValue] {
        var dependencies = account.source.map { [$0.json] } ?? []
        for (number, dependency) in record.enumerated() {
            let place = "buildDefinition.resolvedDependencies[\(number)]"
            if dependency["uri"]?.string?.utf8.starts(with: "git+".utf8) == true {
                guard let source = account.source else {
                    leftOut.append(place)
                    continue
                }
                _ = try confirmed(dependency, source.json.object ?? JSONObject(), place)
                continue
            }
            if dependency["name"]?.string == "rootfs" {
                let diffID = account.layers.last?.diffID.hex ?? ""
                try expect(dependency["digest"]?["sha256"]?.string ?? "", diffID, "\(place).digest.sha256")
            }
            dependencies.append(dependency)
        }
        return dependencies
    }

    // MARK: Who built

    private mutating func details(_ record: JSONObject) throws(RecordError) -> JSONObject {
        var details = record
        details["builder"] = .object(try builder(record["builder"]?.object ?? JSONObject()))
        for key in ["metadata", "runDetailsMetadata"] {
            guard var run = record[key]?.object else { continue }
            if let found = run["invocationId"]?.string {
                if let known = account.invocationID {
                    try expect(found, known, "runDetails.\(key).invocationId")
                } else {
                    run["invocationId"] = nil
                    leftOut.append("runDetails.\(key).invocationId")
                }
            } else if let known = account.invocationID {
                run["invocationId"] = .string(known)
            }
            details[key] = .object(run)
        }
        for (number, byproduct) in (record["byproducts"]?.array ?? []).enumerated()
        where byproduct["name"]?.string == "layer" {
            let place = "runDetails.byproducts[\(number)]"
            let (digest, diffID) = (account.layers.last?.digest.hex, account.layers.last?.diffID.description)
            try expect(byproduct["digest"]?["sha256"]?.string ?? "", digest ?? "", "\(place).digest.sha256")
            try expect(
                byproduct["annotations"]?["diffID"]?.string ?? "", diffID ?? "", "\(place).annotations.diffID"
            )
        }
        return details
    }

    private mutating func builder(_ record: JSONObject) throws(RecordError) -> JSONObject {
        let place = "runDetails.builder"
        let id = record["id"]?.string ?? ""
        if id != account.unspokenBuilderID { try expect(id, account.builderID, "\(place).id") }
        var builder: JSONObject = ["id": .string(account.builderID)]
        let versions = try confirmed(
            record["version"], ComponentVersion.json(account.versions), "\(place).version")
        if !versions.isEmpty { builder["version"] = .object(versions) }
        let known = account.builderDependencies
        for (number, dependency) in (record["builderDependencies"]?.array ?? []).enumerated() {
            let name = dependency["name"]?.string ?? dependency["uri"]?.string ?? ""
            guard let mine = known.first(where: { ($0.name ?? $0.uri ?? "") == name }) else {
                leftOut.append("\(place).builderDependencies[\(number)]")
                continue
            }
            _ = try confirmed(
                dependency, mine.json.object ?? JSONObject(), "\(place).builderDependencies[\(number)]")
        }
        if !known.isEmpty { builder["builderDependencies"] = .array(known.map(\.json)) }
        return builder
    }

    // MARK: Comparing

    private func expect(_ recorded: String, _ known: String, _ field: String) throws(RecordError) {
        guard recorded == known else {
            throw .contradiction(field: field, recorded: recorded, known: known)
        }
    }

    /// What the signer knows, where the record does not contradict it; what only the record has is left out.
    private mutating func confirmed(
        _ record: JSONValue?, _ known: JSONObject, _ place: String
    ) throws(RecordError) -> JSONObject {
        for member in record?.object?.members ?? [] {
            guard let mine = known[member.key] else {
                leftOut.append("\(place).\(member.key)")
                continue
            }
            guard mine == member.value else {
                throw .contradiction(
                    field: "\(place).\(member.key)", recorded: Self.text(member.value), known: Self.text(mine)
                )
            }
        }
        return known
    }

    private static func text(_ value: JSONValue) -> String {
        value.string ?? String(decoding: value.serialized(), as: UTF8.self)
    }
}

/// A build record that nobody may sign.
public enum RecordError: Error, Equatable, CustomStringConvertible {
    /// A field that says something else than the signer knows.
    case contradiction(field: String, recorded: String, known: String)
    /// A field without which there is no provenance.
    case missing(field: String)

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .contradiction(let field, let recorded, let known):
            "the build record's \(field) is \(recorded.quoted), and what is known here is \(known.quoted); nothing was signed"
        case .missing(let field): "the build record has no \(field); nothing was signed"
        }
    }
}

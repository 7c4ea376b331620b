public import OCI

/// What a build said of itself, without a signature: untrusted input for whoever signs.
///
/// Who signs knows some things himself, and what he does not know he may only pass on: a record that was edited between
/// the build and the signature must not gain by it.
///
/// Source: SLSA 1.2, "Build requirements", Provenance generation, Level 2: the platform says who built what.
public struct BuildRecord: Sendable {
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
        try reading.expect(record.predicateType, BuildProvenance.predicateType, "predicateType")
        for (number, subject) in record.subjects.enumerated() {
            let digest = subject.digests["sha256"] ?? ""
            guard account.digests.contains(where: { $0.isIdentical(to: digest) }) else {
                throw .contradiction(
                    field: "subject[\(number)].digest.sha256", recorded: digest,
                    known: account.digests.first ?? "")
            }
        }
        let predicate = record.predicate
        reading.leaveOut(["buildDefinition", "runDetails"], of: predicate, at: "")
        let definition = try reading.definition(predicate["buildDefinition"]?.object ?? JSONObject())
        let details = try reading.details(predicate["runDetails"]?.object ?? JSONObject())
        return (["buildDefinition": .object(definition), "runDetails": .object(details)], reading.leftOut)
    }

    // MARK: What was asked for

    /// What of the external parameters is the build's to say.
    private static let copied = ["triggerMetadata", "buildMetadata", "parameters"]

    private mutating func definition(_ record: JSONObject) throws(RecordError) -> JSONObject {
        let place = "buildDefinition"
        leaveOut(
            ["buildType", "externalParameters", "internalParameters", "resolvedDependencies"], of: record,
            at: "\(place).")
        try expect(record["buildType"]?.string ?? "", account.buildType, "\(place).buildType")
        let external = try externalParameters(
            record["externalParameters"]?.object ?? JSONObject(), "\(place).externalParameters")
        guard !external.isEmpty else { throw .missing(field: "\(place).externalParameters") }
        var internals = try confirmed(
            record["internalParameters"], account.internalParameters, "\(place).internalParameters")
        internals["varve_recordedBy"] = "build"
        var definition: JSONObject = [
            "buildType": .string(account.buildType), "externalParameters": .object(external),
            "internalParameters": .object(internals),
        ]
        let dependencies = try dependencies(record["resolvedDependencies"]?.array ?? [])
        if !dependencies.isEmpty { definition["resolvedDependencies"] = .array(dependencies) }
        return definition
    }

    private mutating func externalParameters(
        _ record: JSONObject, _ place: String
    ) throws(RecordError) -> JSONObject {
        leaveOut(["codeMetadata"] + Self.copied, of: record, at: "\(place).")
        var external = JSONObject()
        let code = try confirmed(record["codeMetadata"], account.code.json, "\(place).codeMetadata")
        if !code.isEmpty { external["codeMetadata"] = .object(code) }
        for key in Self.copied {
            guard var object = record[key]?.object, !object.isEmpty else { continue }
            if let source = object["source"] {
                let url = source.string.flatMap { try? SourceLocation(parsing: $0) }?.repositoryURL
                if let url, let known = account.code.repositoryURL {
                    try expect(url, known, "\(place).\(key).source")
                } else {
                    object["source"] = nil
                    leftOut.append("\(place).\(key).source")
                }
            }
            external[key] = .object(object)
        }
        return external
    }

    /// The source and the tree as they are known here, and the base where the manifest names it, too.
    private mutating func dependencies(_ record: [JSONValue]) throws(RecordError) -> [JSONValue] {
        var dependencies = account.source.map { [$0.json] } ?? []
        for (number, dependency) in record.enumerated() {
            let place = "buildDefinition.resolvedDependencies[\(number)]"
            let digest = dependency["digest"]?["sha256"]?.string
            if let source = account.source,
                dependency["uri"]?.string?.isIdentical(to: source.uri ?? "") == true
            {
                _ = try confirmed(dependency, source.json.object ?? JSONObject(), place)
            } else if dependency["name"]?.string?.isIdentical(to: "rootfs") == true {
                try expect(digest ?? "", account.diffID?.hex ?? "", "\(place).digest.sha256")
            } else if let digest, let base = account.baseDigest, digest.isIdentical(to: base.hex) {
                dependencies.append(
                    ResourceDescriptor(
                        name: dependency["name"]?.string, digest: DigestSet(base),
                        mediaType: dependency["mediaType"]?.string
                    ).json)
            } else {
                leftOut.append(place)
            }
        }
        if let diffID = account.diffID {
            dependencies.append(ResourceDescriptor(name: "rootfs", digest: DigestSet(diffID)).json)
        }
        return dependencies
    }

    // MARK: Who built

    private mutating func details(_ record: JSONObject) throws(RecordError) -> JSONObject {
        leaveOut(["builder", "metadata", "runDetailsMetadata", "byproducts"], of: record, at: "runDetails.")
        var details: JSONObject = ["builder": .object(try builder(record["builder"]?.object ?? JSONObject()))]
        for key in ["metadata", "runDetailsMetadata"] where key == "metadata" || record[key] != nil {
            let run = try run(record[key]?.object ?? JSONObject(), "runDetails.\(key)")
            if !run.isEmpty { details[key] = .object(run) }
        }
        for (number, byproduct) in (record["byproducts"]?.array ?? []).enumerated() {
            let place = "runDetails.byproducts[\(number)]"
            guard byproduct["name"]?.string?.isIdentical(to: "layer") == true else {
                leftOut.append(place)
                continue
            }
            try expect(
                byproduct["digest"]?["sha256"]?.string ?? "", account.layer?.digest["sha256"] ?? "",
                "\(place).digest.sha256")
            try expect(
                byproduct["annotations"]?["diffID"]?.string ?? "", account.diffID?.description ?? "",
                "\(place).annotations.diffID")
        }
        if let layer = account.layer { details["byproducts"] = [layer.json] }
        return details
    }

    private mutating func run(_ record: JSONObject, _ place: String) throws(RecordError) -> JSONObject {
        leaveOut(["invocationId", "startedOn", "finishedOn"], of: record, at: "\(place).")
        var run = JSONObject()
        if let found = record["invocationId"] {
            if let known = account.invocationID {
                try expect(found.string ?? "", known, "\(place).invocationId")
            } else {
                leftOut.append("\(place).invocationId")
            }
        }
        if let known = account.invocationID { run["invocationId"] = .string(known) }
        for key in ["startedOn", "finishedOn"] {
            guard let value = record[key] else { continue }
            guard let text = value.string, let time = try? Timestamp(parsing: text) else {
                leftOut.append("\(place).\(key)")
                continue
            }
            guard time.seconds <= account.now + 300 else {
                throw .contradiction(
                    field: "\(place).\(key)", recorded: text,
                    known: Timestamp(seconds: account.now)?.description ?? "")
            }
            run[key] = .string(text)
        }
        return run
    }

    private mutating func builder(_ record: JSONObject) throws(RecordError) -> JSONObject {
        let place = "runDetails.builder"
        leaveOut(["id", "version", "builderDependencies"], of: record, at: "\(place).")
        let id = record["id"]?.string ?? ""
        if !id.isIdentical(to: account.unspokenBuilderID) { try expect(id, account.builderID, "\(place).id") }
        var builder: JSONObject = ["id": .string(account.builderID)]
        let versions = try confirmed(
            record["version"], ComponentVersion.json(account.versions), "\(place).version")
        if !versions.isEmpty { builder["version"] = .object(versions) }
        let known = account.builderDependencies
        for (number, dependency) in (record["builderDependencies"]?.array ?? []).enumerated() {
            let name = dependency["name"]?.string ?? dependency["uri"]?.string ?? ""
            guard let mine = known.first(where: { ($0.name ?? $0.uri ?? "").isIdentical(to: name) }) else {
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
        guard recorded.isIdentical(to: known) else {
            throw .contradiction(field: field, recorded: recorded, known: known)
        }
    }

    /// Names what is not among the keys, and so is not signed.
    private mutating func leaveOut(_ keys: [String], of record: JSONObject, at place: String) {
        for key in record.keys where !keys.contains(where: { $0.isIdentical(to: key) }) {
            leftOut.append(place + key)
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

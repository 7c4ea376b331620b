public import OCI

/// That somebody verified an artifact, and to which level: believed in place of the provenance.
///
/// Source: SLSA 1.2, "Verification Summary Attestation".
public struct VerificationSummary: Hashable, Sendable {
    /// The predicate type.
    public static let predicateType = "https://slsa.dev/verification_summary/v1"

    /// The URI of who verified.
    public let verifierID: String
    /// The verifier's parts and their versions, in any order.
    public let verifierVersions: [ComponentVersion]
    /// When.
    public let timeVerified: String?
    /// Where the artifact is fetched from.
    public let resourceURI: String
    /// What it was verified against.
    public let policy: ResourceDescriptor
    /// The attestations that were looked at.
    public let inputs: [ResourceDescriptor]
    /// Whether it passed.
    public let hasPassed: Bool
    /// What was found, such as `SLSA_BUILD_LEVEL_2`.
    public let levels: [String]

    /// Says that an artifact was verified.
    public init(
        verifierID: String, verifierVersions: [ComponentVersion], timeVerified: Timestamp,
        resourceURI: String,
        policy: ResourceDescriptor, inputs: [ResourceDescriptor], hasPassed: Bool, level: Int?
    ) {
        (self.verifierID, self.verifierVersions) = (verifierID, verifierVersions)
        (self.timeVerified, self.resourceURI) = (timeVerified.description, resourceURI)
        (self.policy, self.inputs, self.hasPassed) = (policy, inputs, hasPassed)
        levels =
            hasPassed
            ? [level.map { "SLSA_BUILD_LEVEL_\($0)" } ?? "SLSA_BUILD_LEVEL_UNEVALUATED"] : ["FAILED"]
    }

    /// The predicate.
    public var predicate: JSONObject {
        var verifier: JSONObject = ["id": .string(verifierID)]
        let versions = ComponentVersion.json(verifierVersions)
        if !versions.isEmpty { verifier["version"] = .object(versions) }
        var object: JSONObject = ["verifier": .object(verifier)]
        if let timeVerified { object["timeVerified"] = .string(timeVerified) }
        object["resourceUri"] = .string(resourceURI)
        object["policy"] = policy.json
        if !inputs.isEmpty { object["inputAttestations"] = .array(inputs.map(\.json)) }
        object["verificationResult"] = .string(hasPassed ? "PASSED" : "FAILED")
        object["verifiedLevels"] = .array(levels.map { .string($0) })
        object["slsaVersion"] = "1.2"
        return object
    }

    /// Reads a summary that a trusted key signed.
    ///
    /// - Throws: ``StatementError`` for a required member that is missing.
    init(reading predicate: JSONObject) throws(StatementError) {
        func text(_ value: JSONValue?, _ name: String) throws(StatementError) -> String {
            guard let text = value?.string, !text.isEmpty else {
                throw StatementError("the summary has no \(name)")
            }
            return text
        }
        verifierID = try text(predicate["verifier"]?["id"], "verifier.id")
        resourceURI = try text(predicate["resourceUri"], "resourceUri")
        let result = try text(predicate["verificationResult"], "verificationResult")
        guard ["PASSED", "FAILED"].contains(where: { $0.isIdentical(to: result) }) else {
            throw StatementError("its verificationResult is \(result.quoted)")
        }
        hasPassed = result == "PASSED"
        let policy = predicate["policy"]?.object ?? JSONObject()
        let uri = try text(policy["uri"], "policy.uri")
        var digest = DigestSet()
        for member in policy["digest"]?.object?.members ?? [] { digest[member.key] = member.value.string }
        self.policy = ResourceDescriptor(uri: uri, digest: digest)
        guard let levels = predicate["verifiedLevels"]?.array else {
            throw StatementError("the summary has no verifiedLevels")
        }
        self.levels = levels.compactMap(\.string)
        timeVerified = predicate["timeVerified"]?.string
        (verifierVersions, inputs) = ([], [])
    }

    /// The highest level of the build track that is claimed.
    var buildLevel: Int? {
        levels.compactMap { Self.number(of: $0, in: Self.levelPrefix) }.max()
    }

    private static let levelPrefix = "SLSA_BUILD_LEVEL_"

    func answers(to verifier: Trust.Verifier, now: Int64) -> [Check] {
        let expected = verifier.expected
        let missing = expected.levels.filter { !includes($0) }
        let policyDigest = policy.digest["sha256"].map { "sha256:\($0)" }
        return [
            expected.resource.map { Check(.resource, $0.isIdentical(to: resourceURI), resourceURI.quoted) }
                ?? Check(.resource, .notAsked, resourceURI),
            Check(.result, hasPassed && !hasFailedLevel, hasPassed && !hasFailedLevel ? "PASSED" : "FAILED"),
            expected.levels.isEmpty
                ? Check(.levels, .notAsked, levels.joined(separator: ", "))
                : Check(
                    .levels, missing.isEmpty,
                    (missing.isEmpty ? levels : missing.map { "\($0) is missing" }).joined(separator: ", ")),
            expected.policyDigest.map {
                Check(.policy, policyDigest?.isIdentical(to: $0) == true, policyDigest ?? "no digest")
            }
                ?? Check(.policy, .notAsked, policy.uri ?? policyDigest ?? ""),
            Check.age(timeVerified, expected.maxAge, now),
        ]
    }

    private var hasFailedLevel: Bool { levels.contains { $0.isIdentical(to: "FAILED") } }

    /// Whether a level is claimed, or a higher one of the same track.
    private func includes(_ level: String) -> Bool {
        if levels.contains(where: { $0.isIdentical(to: level) }) { return true }
        let track = level.utf8.lastIndex(of: UInt8(ascii: "_")).map { level[...$0] } ?? ""
        guard let wanted = Self.number(of: level, in: track) else { return false }
        return levels.contains { Self.number(of: $0, in: track).map { $0 >= wanted } == true }
    }

    /// The number behind a track's name: one digit.
    private static func number(of level: String, in track: some StringProtocol) -> Int? {
        let rest = level.utf8.dropFirst(track.utf8.count)
        guard !track.isEmpty, level.utf8.starts(with: track.utf8), rest.count == 1, let digit = rest.first,
            (48...57).contains(digit)
        else { return nil }
        return Int(digit) - 48
    }
}

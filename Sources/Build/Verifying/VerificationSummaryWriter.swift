import Cryptography
import Images
import Linux
import OCI
import Provenance
import SystemPackage

/// Signs that an artifact was verified, for those who believe this verifier.
struct VerificationSummaryWriter {
    /// Who verifies, unless the user says so: nobody that a stranger would believe.
    private static let verifierID = "https://varve.dev/verifiers/unattested/v1"

    private let settings: SummarySettings
    private let policy: PolicyFile?
    private let signer: Signer

    /// Reads the key.
    ///
    /// - Throws: ``BuildError/usage(_:_:)`` where the key is a builder's: no builder certifies itself.
    init(
        _ settings: SummarySettings, _ policy: PolicyFile?, _ trust: Trust, note: (Progress.Note) -> Void
    ) throws {
        (self.settings, self.policy) = (settings, policy)
        signer = try settings.key.signer(note: note)
        let key = signer.verificationKey
        guard !trust.builders.contains(where: { $0.party.key == key }) else {
            throw BuildError.usage("--vsa-sign-key", "\(TrustError.sameKey(fingerprint: key.fingerprint))")
        }
    }

    /// Writes the summary, also of a verification that failed.
    ///
    /// - Throws: `FileError`, `ProvenanceError`, and what signing throws.
    func write(_ verification: Verification, of artifact: Artifact) throws {
        let digest = artifact.digest
        let policy = ResourceDescriptor(
            uri: policy.map { "file:\($0.path.lastComponent.map { "\($0)" } ?? "policy")" }
                ?? "https://varve.dev/policies/flags/v1",
            digest: policy.map { DigestSet($0.digest) } ?? DigestSet())
        let inputs = try verification.attestations.map { attestation in
            ResourceDescriptor(
                name: attestation.place.split(separator: "/").last.map(String.init),
                digest: DigestSet(try Digest.of(attestation.text)))
        }
        let summary = VerificationSummary(
            verifierID: settings.verifierID ?? Self.verifierID,
            verifierVersions: [ComponentVersion(name: "varve", version: Version.current)],
            timeVerified: Attester.now, resourceURI: try resource(of: artifact),
            policy: policy, inputs: inputs, hasPassed: verification.passes,
            level: verification.passing?.check.level)
        let statement = try Statement(
            subject: [ResourceDescriptor(name: artifact.name, digest: DigestSet(digest))],
            predicateType: VerificationSummary.predicateType, predicate: summary.predicate)
        let envelope = try signer.envelope(statement.serialized())
        try AttestationFile(path: settings.file).add(envelope, by: signer.verificationKey) { other in
            other.predicateType == VerificationSummary.predicateType && other.isAbout(sha256: digest.hex)
        }
    }

    /// What a summary calls the artifact; it is signed, and many read it.
    private func resource(of artifact: Artifact) throws(BuildError) -> String {
        guard let given = settings.resource else {
            if case .file = artifact.kind { return "file:\(artifact.name)" }
            return "oci://\(artifact.name)@\(artifact.digest)"
        }
        guard Redaction.withoutUserInformation(given) == given else {
            throw .usage("--resource-uri", "user information does not belong into what is signed")
        }
        return given
    }
}

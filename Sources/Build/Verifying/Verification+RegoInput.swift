import OCI
import Provenance

extension Verification {
    /// The document that Harness gives its OPA policies, with one attestation in it.
    ///
    /// Source: Harness developer documentation, "Create OPA policies for SLSA verification".
    ///
    /// - Returns: `nil` for an attestation whose signer is not trusted.
    func regoInput(_ attestation: Attestation) -> JSONValue? {
        guard let statement = attestation.check.statement else { return nil }
        let provenance: JSONValue = [
            "predicateType": .string(statement.predicateType), "predicate": .object(statement.predicate),
        ]
        let image: JSONValue = ["imageName": .string(artifact), "digest": .string("\(digest)")]
        let outcome: JSONValue = [
            "stepArtifacts": ["publishedImageArtifacts": [image], "provenanceArtifacts": [provenance]]
        ]
        return [["outcome": outcome]]
    }
}

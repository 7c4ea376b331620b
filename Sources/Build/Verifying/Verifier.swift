import Cryptography
import Images
import Linux
import OCI
import Provenance
import SystemPackage

/// Compares an artifact with what is said of it, and that with what is expected.
///
/// Source: SLSA 1.2, "Verifying artifacts".
public struct Verifier {
    private let request: VerifyRequest
    private let progress: (Progress) -> Void

    /// Gets ready; progress is told on the caller's thread.
    public init(_ request: VerifyRequest, progress: @escaping (Progress) -> Void) {
        (self.request, self.progress) = (request, progress)
    }

    /// Verifies, and writes what was asked for.
    ///
    /// - Throws: What keeps the question from being asked: ``BuildError``, `FileError`, `PolicyError`. That the answer
    ///   is no is in the result.
    public func verify() throws -> Verification {
        let policy = try request.policy.map { try PolicyFile($0) }
        let trust = try VerificationTrust(request, policy).trust
        let artifact = try Artifact(
            request.artifact, platform: request.platform, in: Registries(request.distribution))
        let faults = try faults(of: artifact)
        let found = try attestations(of: artifact)
        var verification = Verification(
            artifact: artifact.name, digest: artifact.digest, areLayersRead: artifact.reference == nil,
            faults: faults, attestations: try found.checked(about: artifact.digest, trust),
            unreadable: found.unreadable)
        if let settings = request.rebuild, let statement = verification.passing?.check.statement {
            verification.rebuild = try Rebuilder(settings, artifact, request.distribution, progress: progress)
                .rebuild(
                    as: statement)
        }
        if let path = request.regoInput { try writeRegoInput(verification, to: path) }
        if let settings = request.summary {
            try VerificationSummaryWriter(settings, policy, trust) { progress(.note($0)) }
                .write(verification, of: artifact)
        }
        return verification
    }

    /// What is wrong with the artifact's own bytes: a manifest that is signed says nothing of a blob that was exchanged.
    private func faults(of artifact: Artifact) throws -> [String] {
        guard case .image(let image) = artifact.kind else { return [] }
        // What comes from a registry is compared with its digest when it comes.
        guard case .stored(let location) = image.place else { return [] }
        return try ImageCheck(
            location.selecting(artifact.digest), jobs: nil, limits: LimitSettings(), progress: progress
        ).run().faults
    }

    /// Those in the given files, or those beside the artifact and in its layout or registry.
    private func attestations(of artifact: Artifact) throws -> FoundAttestations {
        var found = FoundAttestations()
        for path in request.attestations {
            guard let text = try AttestationFile(path: path).text() else {
                throw FileError("read", path, .noSuchFileOrDirectory)
            }
            found.add(text, path.escapedDescription)
        }
        guard request.attestations.isEmpty else { return found }
        if let path = artifact.attestationFile, let text = try AttestationFile(path: path).text() {
            found.add(text, path.escapedDescription)
        }
        if case .image(let image) = artifact.kind { found.add(of: image.source, about: artifact.digest) }
        return found
    }

    /// Writes the document that Rego policies read; after a failure there is none, not the last one.
    private func writeRegoInput(_ verification: Verification, to path: FilePath) throws {
        guard verification.passes, let document = verification.passing.flatMap(verification.regoInput) else {
            return try Directory.removeFile(path)
        }
        var file = try StagedFile(at: path, document.serialized(indent: 2) + [UInt8(ascii: "\n")])
        try file.publish()
        file.keep()
    }
}

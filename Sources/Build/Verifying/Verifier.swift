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
        let (found, unreadable) = try attestations(of: artifact)
        let now = Machine.now.seconds
        let checked = try found.map { place, line in
            try Interruption.check()
            return Verification.Attestation(
                place: place,
                check: AttestationCheck(line.envelope, about: [artifact.digest.hex], trust, now: now),
                text: line.text)
        }
        // One that passes is enough; of the others the one that came farthest says most.
        let ordered =
            checked.filter(\.check.passes)
            + checked.filter { !$0.check.passes }.sorted { $0.check.checks.count > $1.check.checks.count }
        var verification = Verification(
            artifact: artifact.name, digest: artifact.digest, areLayersRead: artifact.reference == nil,
            faults: faults, attestations: ordered,
            unreadable: unreadable, rebuild: nil)
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

    /// Envelopes and where they were found.
    private func attestations(
        of artifact: Artifact
    ) throws -> (found: [(place: String, line: AttestationLines.Line)], unreadable: [String]) {
        var found: [(place: String, line: AttestationLines.Line)] = []
        var unreadable: [String] = []
        func add(_ text: [UInt8], _ place: String) {
            do {
                let read = try AttestationLines(parsing: text)
                found += read.lines.map { (place, $0) }
                unreadable += read.faults.map { "\(place): \($0)" }
            } catch {
                unreadable.append("\(place): \(error)")
            }
        }
        for path in request.attestations {
            guard let text = try AttestationFile(path: path).text() else {
                throw FileError("read", path, .noSuchFileOrDirectory)
            }
            add(text, path.escapedDescription)
        }
        guard request.attestations.isEmpty else { return (found, unreadable) }
        if let path = artifact.attestationFile, let text = try AttestationFile(path: path).text() {
            add(text, path.escapedDescription)
        }
        if case .image(let image) = artifact.kind {
            let (contents, faults) = image.source.signedContents(about: artifact.digest)
            for content in contents { add(content.bytes, content.place.escapedDescription) }
            unreadable += faults.map { "\($0)" }
        }
        return (found, unreadable)
    }

    /// The document that Harness gives its OPA policies; after a failure there is none, not the last one.
    ///
    /// Source: Harness developer documentation, "Create OPA policies for SLSA verification".
    private func writeRegoInput(_ verification: Verification, to path: FilePath) throws {
        guard verification.passes, let statement = verification.passing?.check.statement else {
            return try Directory.removeFile(path)
        }
        let provenance: JSONValue = [
            "predicateType": .string(statement.predicateType), "predicate": .object(statement.predicate),
        ]
        let image: JSONValue = [
            "imageName": .string(verification.artifact), "digest": .string(verification.digest.description),
        ]
        let outcome: JSONValue = [
            "stepArtifacts": ["publishedImageArtifacts": [image], "provenanceArtifacts": [provenance]]
        ]
        let document: JSONValue = [["outcome": outcome]]
        var file = try StagedFile(at: path, document.serialized(indent: 2) + [UInt8(ascii: "\n")])
        try file.publish()
        file.keep()
    }
}

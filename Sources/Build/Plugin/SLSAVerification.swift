import Linux
import OCI
import Provenance

/// Verifies what a pipeline signed of an image in a registry, and asks policies about it.
public struct SLSAVerification {
    /// The most attestations of one image that policies are asked about.
    private static let limit = 16

    private let settings: SLSASettings
    private let distribution: DistributionSettings

    /// Gets ready.
    public init(_ settings: SLSASettings, _ distribution: DistributionSettings) {
        (self.settings, self.distribution) = (settings, distribution)
    }

    /// Verifies.
    ///
    /// - Throws: What keeps the question from being asked: ``BuildError`` and the errors of the rooms below. That the
    ///   answer is no is in the result.
    public func verify() throws -> Verification {
        // An image that nobody can judge in the end need not be fetched.
        let agent = settings.policies.isEmpty ? nil : try OpenPolicyAgent(settings.policies)
        let reference = settings.images[0]
        var request = VerifyRequest(artifact: [])
        request.keys = [Array("env://\(SLSASettings.publicKey)".utf8)]
        let trust = try VerificationTrust(request, nil).trust
        let registries = try Registries(distribution)
        let image = try RemoteImage(reference, in: registries)
        var found = FoundAttestations()
        found.add(
            of: try image.source(withAttachmentsOf: image.root, in: registries), about: image.root.digest)
        var verification = Verification(
            artifact: "\(reference)", digest: image.root.digest, areLayersRead: false, faults: [],
            attestations: try found.checked(about: image.root.digest, trust), unreadable: found.unreadable)
        if let agent { try ask(agent, about: &verification) }
        return verification
    }

    /// One attestation that the policies let pass is enough, and stands first then.
    private func ask(_ agent: OpenPolicyAgent, about verification: inout Verification) throws {
        let passing = verification.attestations.prefix(while: \.passes).prefix(Self.limit)
        for (number, attestation) in passing.enumerated() {
            guard let input = verification.regoInput(attestation) else { continue }
            let denials = try agent.denials(input)
            if number == 0 || denials.isEmpty { verification.denials = denials }
            guard denials.isEmpty else { continue }
            verification.attestations.remove(at: number)
            verification.attestations.insert(attestation, at: 0)
            return
        }
    }
}

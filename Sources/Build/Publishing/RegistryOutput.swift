import Images
import Linux
import OCI
import Provenance
import Registry

/// Repositories that a new image goes to.
struct RegistryOutput {
    let references: [Reference]
    private let registries: Registries
    private let push: RegistryPush
    private let progress: (Progress) -> Void

    /// Finds out whether they may be written to.
    init(
        _ references: [Reference], _ registries: Registries, progress: @escaping (Progress) -> Void
    ) throws {
        (self.references, self.registries, self.progress) = (references, registries, progress)
        push = RegistryPush(registries, progress: progress)
        try push.checkPermission(references)
    }

    /// Puts everything there but the tags.
    func write(_ image: NewImage, mounting mounts: [Digest: Registries.Place]) throws {
        _ = try push.put(image.contents, to: references, from: { mounts[$0.digest] }) {
            try image.content(of: $0)
        }
    }

    /// Signs a statement for each repository, and puts it beside the image.
    func attest(
        _ image: NewImage, by signer: Signer, _ statement: ([ResourceDescriptor]) throws -> Statement
    ) throws {
        for place in try Set(references.map(registries.placeToPush)) {
            let names = try references.filter { try registries.placeToPush($0) == place }
            let statement = try statement(
                names.map {
                    ResourceDescriptor(name: $0.description, digest: DigestSet(image.manifest.digest))
                })
            let envelope = try signer.envelope(statement.serialized())
            try AttachmentPush(registries, at: place, progress: progress).add(
                .attestation(envelope, by: signer, predicateType: statement.predicateType),
                to: image.manifest, at: Attester.now)
        }
    }

    /// Gives the image its names.
    func publish(_ image: NewImage) throws { try push.tag(image.contents, as: references) }
}

extension Attachment {
    /// An attestation that somebody signed.
    static func attestation(
        _ envelope: Envelope, by signer: Signer, predicateType: String
    ) -> Attachment {
        .attestation(
            envelope: envelope.serialized(),
            bundle: SigstoreBundle(envelope, signedBy: signer.verificationKey).serialized(),
            predicateType: predicateType)
    }
}

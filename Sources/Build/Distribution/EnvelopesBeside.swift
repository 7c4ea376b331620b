import Images
import OCI
import Provenance

/// Envelopes that lie beside an image at rest, in files of their own: `varve pack --sign-key` and `varve attest` leave
/// them there, and `varve verify` finds them there.
///
/// In a registry nothing lies beside an image: they become attachments. Of sigstore's bundle the signer's key is a part,
/// which is not known here; so they take cosign's form alone.
struct EnvelopesBeside {
    /// What is said, and about which image.
    let attachments: [(image: Descriptor, attachment: Attachment)]

    /// Reads those about an image; what is damaged or about something else is none.
    ///
    /// - Throws: `FileError`, ``BuildError/noRegularFile(_:)``.
    init(of contents: ImageContents, at place: ImagePlace) throws {
        guard let location = ProvenanceLocation.beside(place) else {
            attachments = []
            return
        }
        attachments = try contents.documents.flatMap { document in
            try Self.envelopes(of: document.descriptor, in: location).map { (document.descriptor, $0) }
        }
    }

    private static func envelopes(
        of image: Descriptor, in location: ProvenanceLocation
    ) throws -> [Attachment] {
        guard let text = try AttestationFile(path: location.attestations(of: image.digest)).text(),
            let read = try? AttestationLines(parsing: text)
        else { return [] }
        return read.envelopes.compactMap { envelope in
            guard envelope.payloadType == Envelope.statementType,
                let statement = try? ReceivedStatement(parsing: envelope.payload),
                statement.isAbout(sha256: image.digest.hex)
            else { return nil }
            return .attestation(
                envelope: envelope.serialized(), bundle: nil, predicateType: statement.predicateType)
        }
    }
}

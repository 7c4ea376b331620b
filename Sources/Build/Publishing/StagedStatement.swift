import Images
import Linux
import OCI
import Provenance
import SystemPackage

/// One statement: where it goes, and its subjects.
struct ProvenanceTarget {
    let location: ProvenanceLocation
    let names: [String]
    let archives: [ArchiveOutput]

    init(_ location: ProvenanceLocation, names: [String], archives: [ArchiveOutput]) {
        (self.location, self.names, self.archives) = (location, names, archives)
    }

    /// The image under each of its names, and each archive as a file.
    func subjects(_ manifest: Descriptor) -> [ResourceDescriptor] {
        names.map { ResourceDescriptor(name: $0, digest: DigestSet(manifest.digest)) }
            + archives.compactMap { archive in
                archive.digest.map { ResourceDescriptor(name: archive.subject, digest: DigestSet($0)) }
            }
    }
}

/// A statement that is written: an array holds nothing that cannot be copied.
final class StagedStatement {
    let path: FilePath
    private var file: StagedFile
    /// Of one that joins others: those that were there, and how it joins what is there later.
    private var addition: (others: [UInt8]?, again: () throws -> StagedFile)?

    /// Writes it, and waits until it is on the disk; signed, it joins what others attested of the image.
    init(
        _ statement: Statement, of manifest: Digest, at location: ProvenanceLocation, signedBy signer: Signer?
    ) throws {
        let payload = statement.serialized()
        guard let signer else {
            path = location.path(of: manifest)
            file = try StagedFile(at: path, payload + [UInt8(ascii: "\n")])
            return
        }
        path = location.attestations(of: manifest)
        let (attestations, envelope) = (AttestationFile(path: path), try signer.envelope(payload))
        let others = try attestations.text()
        let stage = {
            try attestations.staged(envelope, by: signer.verificationKey) { other in
                other.isAbout(sha256: manifest.hex) && other.predicateType == statement.predicateType
            }
        }
        file = try stage()
        addition = (others, stage)
    }

    /// Gives it its name.
    func publish() throws {
        guard let addition else { return try file.publish() }
        let attestations = AttestationFile(path: path)
        try attestations.whileLocked {
            // Somebody may have signed while the layer was made.
            if try attestations.text() != addition.others { file = try addition.again() }
            try file.publish()
        }
    }

    /// Leaves it where it is.
    func keep() { file.keep() }
}

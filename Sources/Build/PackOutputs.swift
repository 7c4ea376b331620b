import Images
import Linux
import OCI
import Provenance
import SystemPackage

/// All the places that one new image goes to.
///
/// Whatever can fail happens before the first of them shows the image.
final class PackOutputs {
    private var layouts: [LayoutOutput] = []
    private var archives: [ArchiveOutput] = []

    /// Opens them all; what is made for them goes again, unless it is published.
    init(_ locations: [ImageLocation]) throws {
        for location in locations {
            guard location.transport == .layout else {
                archives.append(try ArchiveOutput(location))
                continue
            }
            let layout = try LayoutOutput(location.path, name: location.name.description)
            if let known = layouts.first(where: { $0.identity == layout.identity }) {
                known.merge(layout)
            } else {
                layouts.append(layout)
            }
        }
    }

    /// A file for the layer: a blob of the first layout, else one without a name beside the first archive.
    func spool() throws -> TemporaryFile {
        if let layout = layouts.first { return try layout.temporaryBlob() }
        for archive in archives {
            if let file = try archive.scratchFile() { return file }
        }
        var file = try TemporaryFile(in: Directory.open("."))
        try file.forgetName()
        return file
    }

    /// Writes everything but the names.
    ///
    /// Streams come last of what takes long, for nobody can take them back; locks come after them.
    func write(_ image: NewImage, spool: consuming TemporaryFile, of layer: Digest) throws {
        for archive in archives where !archive.isStream { try archive.write(image) }
        layouts.first?.adopt(spool, as: layer)
        for layout in layouts { try layout.copyLayers(of: image) }
        for archive in archives where archive.isStream { try archive.write(image) }
        // In an order of their own, so that two processes never wait for each other.
        let ordered = layouts.sorted { first, second in
            (first.identity.device, first.identity.inode) < (second.identity.device, second.identity.inode)
        }
        for layout in ordered { try layout.write(image) }
    }

    /// Shows the image in all places; calls `begun` once one does, for what is said of the image must stay then.
    func publish(_ image: NewImage, begun: () -> Void) throws {
        for layout in layouts {
            try layout.publish(image)
            begun()
        }
        for archive in archives {
            try archive.publish()
            begun()
        }
    }

    /// Where provenance goes, and what each statement is about besides the manifest.
    func provenance(_ destination: ProvenanceSettings.Destination) -> [ProvenanceTarget] {
        let layouts = layouts.map {
            ProvenanceTarget(.beside(layout: $0.path), names: $0.names, archives: [])
        }
        let all = archives.map { archive in
            ProvenanceTarget(
                .beside(archive: archive.location.path), names: [archive.name.description],
                archives: [archive])
        }
        switch destination {
        case .none: return []
        case .beside: return layouts + all.filter { !$0.archives.allSatisfy(\.isStream) }
        case .file(let path):
            var names: [String] = []
            for name in (layouts + all).flatMap(\.names) where !names.contains(name) { names.append(name) }
            return [ProvenanceTarget(.file(path), names: names, archives: archives)]
        }
    }
}

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

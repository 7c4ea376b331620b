import Images
import Linux
public import OCI
import Provenance
public import SystemPackage

/// An image that was made and published.
public struct PublishedImage: Sendable {
    /// The manifest's descriptor; its digest is the image's.
    public let manifest: Descriptor
    /// Where the provenance lies: beside each output, or in one file.
    public let provenance: [FilePath]
}

/// A new image on its way to where it is wanted, with what is said of it.
struct Publication {
    private let outputs: ImageOutputs
    private let settings: ProvenanceSettings
    private let targets: [ProvenanceTarget]
    private let keys: SigningKeys
    private let progress: (Progress) -> Void

    /// Finds out where provenance goes, and says where it has no place.
    init(
        _ outputs: ImageOutputs, _ settings: ProvenanceSettings, keys: SigningKeys = SigningKeys(),
        progress: @escaping (Progress) -> Void
    ) {
        (self.outputs, self.settings, self.keys, self.progress) = (outputs, settings, keys, progress)
        targets = outputs.provenance(settings.destination)
        guard case .beside = settings.destination else { return }
        if outputs.hasRegistry, settings.key == nil {
            progress(.note(.unsignedForRegistry))
        } else if targets.isEmpty, !outputs.hasRegistry, !outputs.isEmpty {
            progress(.note(.nowhereForProvenance))
        }
    }

    /// Whether a statement is written.
    var hasProvenance: Bool { !targets.isEmpty }

    /// Shows an image that is written in all places but for its names, after everything that is said of it.
    ///
    /// - Parameters:
    ///   - image: The image.
    ///   - names: What it is called.
    ///   - results: Files that tell its digest.
    ///   - provenance: How it came to be.
    /// - Throws: ``BuildError`` and the errors of the rooms below. Every image and its provenance are as they were
    ///   before; a file of results that cannot get its name, and a CI system that cannot be told, leave the new image
    ///   in place.
    /// - Returns: The image, and the statements' files.
    func publish(
        _ image: NewImage, as names: [ImageName], _ results: ResultPaths, _ provenance: BuildProvenance
    ) throws -> PublishedImage {
        // The key last: it is in memory no longer than it must.
        let isAttesting = hasProvenance || outputs.hasRegistry && settings.destination.isSomewhere
        let key = isAttesting ? settings.key : nil
        let signer = try key.map { try keys.signer(for: $0) { progress(.note($0)) } }
        let statements = try targets.map { target in
            target.location.sweep()
            return try StagedStatement(
                provenance.statement(about: target.subjects(image.manifest)), of: image.manifest.digest,
                at: target.location, signedBy: signer)
        }
        let files = try ResultFiles(results, image, names: names)
        // An archive that has its name is no file in the making any more, and could be a stream.
        let made = CIResult(image, as: names, in: outputs)
        if let signer { try outputs.attest(image, by: signer) { try provenance.statement(about: $0) } }
        try Interruption.check()
        for statement in statements { try statement.publish() }
        try outputs.publish(image) { for statement in statements { statement.keep() } }
        try files.publish()
        try results.ci?.tell(made)
        return PublishedImage(manifest: image.manifest, provenance: statements.map(\.path))
    }
}

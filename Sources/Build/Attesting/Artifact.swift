import Cryptography
import Images
import Linux
import OCI
import Provenance
import SystemPackage

/// What somebody signs or verifies: an image at rest, or a file.
struct Artifact {
    /// What it is: an image, at rest or in a registry, or a file.
    enum Kind {
        case image(StoredImage)
        case file
    }

    let kind: Kind
    /// As the user wrote it.
    let text: [UInt8]
    /// The layout's directory, the archive, or the file; `nil` in a registry.
    let path: FilePath?
    /// The manifest's digest, or the file's.
    let digest: Digest
    /// What it is called in statements.
    let name: String
    /// Whether nothing else is in the same place: who signs an archive's file signs all that is in it.
    private let isOnlyImage: Bool

    /// Finds it; an image's manifest is read, a file is hashed.
    ///
    /// - Parameters:
    ///   - text: The bytes of an image's location, or of a file's path.
    ///   - platform: Of an image for several platforms, which; `nil` for this machine's.
    ///   - registries: How they are spoken to. A text that is neither a file's name nor says what it is, is a reference.
    ///   - isWritten: Whether something is put beside it: then it is the one at its own registry.
    /// - Throws: `ImageError`, `FileError`, `TarError`, ``BuildError``, `Interruption`.
    init(
        _ text: [UInt8], platform: String?, in registries: Registries, isWritten: Bool = false
    ) throws {
        self.text = text
        guard Self.isImage(text) else {
            let path = FilePath(bytes: text)
            self.path = path
            let file = try File.reading(path)
            guard try file.status().kind == .regular else { throw BuildError.noRegularFile(path) }
            digest = try FileDigests.digest(of: file)
            name = path.lastComponent.map { "\($0)" } ?? "_"
            kind = .file
            isOnlyImage = false
            return
        }
        let image = try StoredImage(
            ImagePlace(parsing: text), in: registries, platform: platform, hasAttachments: !isWritten,
            isAtOrigin: isWritten)
        path = image.place.path
        digest = image.descriptor.digest
        name = image.place.givenName ?? image.descriptor.referenceName ?? "_"
        isOnlyImage = try image.source.configurationsInEveryForm().count == 1
        kind = .image(image)
    }

    private static func isImage(_ text: [UInt8]) -> Bool {
        if ImagePlace.isImage(text) { return true }
        let isFile = (try? File.reading(FilePath(bytes: text))) != nil
        // A short name is a file that is not there.
        return !isFile && ImagePlace.namesRegistry(text)
    }

    /// Where attestations of it lie by default; `nil` for an image in a registry, which has them beside it there.
    var attestationFile: FilePath? {
        switch kind {
        case .image(let image): ProvenanceLocation.beside(image.place)?.attestations(of: digest)
        case .file: path.map(ProvenanceLocation.attestations(beside:))
        }
    }

    /// The image, where it is in a registry.
    var reference: (Reference, StoredImage)? {
        guard case .image(let image) = kind, case .registry(let reference) = image.place else { return nil }
        return (reference, image)
    }

    /// Where the build wrote what it did.
    var recordFile: FilePath? {
        guard case .image(let image) = kind else { return nil }
        return ProvenanceLocation.beside(image.place)?.path(of: digest)
    }

    /// What a statement about it names; an archive is also a file.
    ///
    /// - Throws: `FileError`, `Interruption`.
    func subjects() throws -> [ResourceDescriptor] {
        var subjects = [ResourceDescriptor(name: name, digest: DigestSet(digest))]
        if case .image(let image) = kind, let path, !image.place.isLayout, isOnlyImage {
            let file = try FileDigests.digest(of: File.reading(path))
            let name = path.lastComponent.map { "\($0)" }
            subjects.append(ResourceDescriptor(name: name, digest: DigestSet(file)))
        }
        return subjects
    }
}

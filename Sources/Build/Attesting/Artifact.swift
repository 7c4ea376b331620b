import Cryptography
import Images
import Linux
import OCI
import Provenance
import SystemPackage

/// What somebody signs or verifies: an image at rest, or a file.
struct Artifact {
    /// What it is.
    enum Kind {
        case image(StoredImage)
        case file
    }

    let kind: Kind
    /// As the user wrote it.
    let text: [UInt8]
    /// The layout's directory, the archive, or the file.
    let path: FilePath
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
    /// - Throws: `ImageError`, `FileError`, `TarError`, ``BuildError``, `Interruption`.
    init(_ text: [UInt8], platform: String?) throws {
        self.text = text
        let isImage = ImageLocation.Transport.allCases.contains { transport in
            text.starts(with: "\(transport.rawValue):".utf8)
        }
        guard isImage else {
            path = FilePath(bytes: text)
            let file = try File.reading(path)
            guard try file.status().kind == .regular else { throw BuildError.noRegularFile(path) }
            digest = try FileDigests.digest(of: file)
            name = path.lastComponent.map { "\($0)" } ?? "_"
            kind = .file
            isOnlyImage = false
            return
        }
        let image = try StoredImage(ImageLocation(parsing: text), platform: platform)
        path = image.location.path
        digest = image.descriptor.digest
        let given: String? = if case .name(let name) = image.location.selector { name } else { nil }
        name = given ?? image.descriptor.referenceName ?? "_"
        isOnlyImage = try image.source.configurationsInEveryForm().count == 1
        kind = .image(image)
    }

    /// Where attestations of it lie by default.
    var attestationFile: FilePath {
        guard case .image(let image) = kind else { return ProvenanceLocation.attestations(beside: path) }
        return ProvenanceLocation.beside(image.location).attestations(of: digest)
    }

    /// Where the build wrote what it did.
    var recordFile: FilePath? {
        guard case .image(let image) = kind else { return nil }
        return ProvenanceLocation.beside(image.location).path(of: digest)
    }

    /// What a statement about it names; an archive is also a file.
    ///
    /// - Throws: `FileError`, `Interruption`.
    func subjects() throws -> [ResourceDescriptor] {
        var subjects = [ResourceDescriptor(name: name, digest: DigestSet(digest))]
        if case .image(let image) = kind, image.location.transport != .layout, isOnlyImage {
            let file = try FileDigests.digest(of: File.reading(path))
            let name = path.lastComponent.map { "\($0)" }
            subjects.append(ResourceDescriptor(name: name, digest: DigestSet(file)))
        }
        return subjects
    }
}

import Cryptography
import Linux
public import OCI
import Tar

extension NewImage {
    /// Writes the image as one file that is both an OCI archive and a docker archive.
    ///
    /// The same image under the same names gives the same bytes.
    ///
    /// - Parameters:
    ///   - names: What it is called there; at least one.
    ///   - output: Gets the bytes in order.
    /// - Returns: The SHA-256 of the whole archive.
    /// - Throws: ``ImageError/blobMismatch(_:expected:found:)``, `FileError`, `TarError`, `Interruption` and what
    ///   `output` throws.
    public func writeArchive(named names: [ImageName], to output: ([UInt8]) throws -> Void) throws -> Digest {
        var writer = try ArchiveWriter()
        for directory in ["blobs", "blobs/sha256"] {
            try writer.begin(directory, .directory, permissions: 0o755)
        }
        var blobs = documents.map { (digest: $0.descriptor.digest, content: Content.document($0.bytes)) }
        blobs += layers.map { (digest: $0.descriptor.digest, content: Content.layer($0)) }
        for (digest, content) in blobs.sorted(by: { $0.digest < $1.digest }) {
            try writer.write("blobs/sha256/\(digest.hex)", content, to: output)
        }
        for (file, bytes) in archiveDocuments(names) {
            try writer.write(file, .document(bytes), to: output)
        }
        try writer.finish(to: output)
        return writer.digest()
    }

    fileprivate enum Content {
        case document([UInt8])
        case layer(Layer)
    }

    /// What stands behind the blobs, ordered by name.
    ///
    /// Source: OCI image-spec v1.1, image-layout.md; Docker Image Specification v1.2.
    private func archiveDocuments(_ names: [ImageName]) -> [(String, [UInt8])] {
        func blob(_ descriptor: Descriptor) -> JSONValue { .string("blobs/sha256/\(descriptor.digest.hex)") }
        let references = names.compactMap(\.reference)
        let entry: JSONValue = [
            "Config": blob(config),
            "RepoTags": references.isEmpty ? .null : .array(references.map { .string($0.familiar) }),
            "Layers": .array(layerDescriptors.map(blob)),
        ]
        var documents = [
            ("index.json", Document(Index(manifests: names.map { $0.entry(manifest) })).bytes),
            ("manifest.json", JSONValue.array([entry]).serialized()),
            ("oci-layout", Document(ImageLayoutVersion.current).bytes),
        ]
        // The eldest readers know an image by its topmost layer.
        if let top = layerDescriptors.last, references.contains(where: { $0.tag != nil }) {
            let repositories = Self.repositories(references, top.digest)
            documents.append(("repositories", JSONValue.object(repositories).serialized()))
        }
        return documents
    }

    /// Each repository's tags, and the topmost layer that each stands for.
    private static func repositories(_ references: [Reference], _ top: Digest) -> JSONObject {
        var repositories: JSONObject = [:]
        for reference in references {
            guard let tag = reference.tag else { continue }
            let name = String(reference.familiar.dropLast(tag.count + 1))
            var tags = repositories[name]?.object ?? [:]
            tags[tag] = .string(top.hex)
            repositories[name] = .object(tags)
        }
        return repositories
    }
}

/// A tar stream that is hashed while it is written.
private struct ArchiveWriter: ~Copyable {
    private static let piece = 256 << 10
    private var tar: TarWriter
    private var sha256: SHA256

    init() throws {
        let sha256 = try SHA256()
        let tar = try TarWriter()
        self.tar = tar
        self.sha256 = sha256
    }

    mutating func begin(_ name: String, _ kind: TarEntry.Kind, permissions: UInt32) throws {
        try tar.begin(TarEntry(path: Array(name.utf8), kind: kind, permissions: permissions))
    }

    mutating func write(
        _ name: String, _ content: NewImage.Content, to output: ([UInt8]) throws -> Void
    ) throws {
        switch content {
        case .document(let bytes):
            try begin(name, .regular(size: Int64(bytes.count)), permissions: 0o644)
            try tar.write(bytes.span)
        case .layer(let layer):
            try begin(name, .regular(size: layer.descriptor.size), permissions: 0o644)
            let blob = try layer.open()
            if layer.isOwn {
                try copy(blob, to: output)
            } else {
                try Digest.check(blob, layer.descriptor.digest) { piece in
                    try tar.write(piece.span)
                    try flush(to: output)
                }
            }
        }
        try flush(to: output)
    }

    private mutating func copy(_ blob: FileSlice, to output: ([UInt8]) throws -> Void) throws {
        var offset: Int64 = 0
        while offset < blob.size {
            let count = try tar.write { try blob.read(upTo: Self.piece, at: offset, appendingTo: &$0) }
            offset += Int64(count)
            try flush(to: output)
        }
    }

    /// Hands out what is there, once it is enough to be worth it.
    private mutating func flush(to output: ([UInt8]) throws -> Void, isLast: Bool = false) throws {
        guard isLast || tar.pendingCount >= Self.piece else { return }
        try Interruption.check()
        let bytes = tar.take(reserving: Self.piece + 4096)
        sha256.update(bytes.span)
        try output(bytes)
    }

    mutating func finish(to output: ([UInt8]) throws -> Void) throws {
        try tar.finish()
        try flush(to: output, isLast: true)
    }

    /// The SHA-256 of all that was handed out.
    consuming func digest() -> Digest { Digest(sha256: sha256.finish()) }
}

import Cryptography
public import Linux
public import OCI
public import SystemPackage

/// An image that is read, in whichever form it lies there.
///
/// What two readers could understand in two ways is refused. Nobody locks: a
/// layout's documents are either the old ones or the new ones, and an archive
/// stays open. Threads may share it.
///
/// Source: OCI image-spec v1.1, image-layout.md.
public final class ImageSource: Sendable {
    /// The most bytes of a manifest, index or configuration that are read.
    public static let documentLimit = 4 << 20

    /// Where it lies; of what comes from elsewhere, its name, for messages.
    public let path: FilePath
    /// The same archive by its other list of images; `nil` where there is none.
    let otherForm: ImageLocation?
    private let contents: Index
    private let blobs: Blobs

    /// Where blobs are.
    private enum Blobs: Sendable {
        case layout(LayoutBlobs)
        case archive(ArchiveMembers)
        case dockerArchive(DockerArchive)
        case elsewhere(BlobFetch)
    }

    /// What is fetched from elsewhere, blob by blob, when somebody wants it.
    ///
    /// - Parameters:
    ///   - name: What the image is called, for messages.
    ///   - index: The image, or the indexes and images, and what is attached to them.
    ///   - fetch: Brings blobs; their digests it has checked, for layers are not hashed again.
    public init(named name: String, index: Index, fetching fetch: BlobFetch) {
        (path, otherForm, contents, blobs) = (FilePath(name), nil, index, .elsewhere(fetch))
    }

    /// Opens what a location names; its index is read, and for archives every member's header.
    ///
    /// - Throws: ``ImageError``, `FileError`, `Interruption`.
    public init(reading location: ImageLocation) throws {
        guard !location.isStandardStream else {
            throw ImageError.malformedLocation(
                "\(location)", "an archive cannot be read from a pipe; write it to a file first")
        }
        (path, otherForm) = (location.path, location.inOtherForm)
        switch location.transport {
        case .layout:
            let layout = try LayoutBlobs(reading: location.path)
            (contents, blobs) = (try layout.index(), .layout(layout))
        case .archive:
            let members = try ArchiveMembers(reading: location.path)
            (contents, blobs) = (try members.index(), .archive(members))
        case .dockerArchive:
            let archive = try DockerArchive(ArchiveMembers(reading: location.path))
            (contents, blobs) = (archive.index, .dockerArchive(archive))
        }
    }

    /// What is there: images and indexes, empty where no image was written yet.
    ///
    /// A docker archive has none of its own; each image there gets a manifest that says the same as `manifest.json`.
    public func index() -> Index { contents }

    /// Where a blob is, for messages.
    public func place(of digest: Digest) -> FilePath {
        switch blobs {
        case .layout(let layout): layout.directory.childPath(FileName(digest.hex.utf8))
        case .archive(let members): members.place(of: "blobs/sha256/\(digest.hex)")
        case .dockerArchive(let archive): archive.place(of: digest)
        case .elsewhere: path.appending("\(digest)")
        }
    }

    /// The names that blobs are stored under, also of those that nothing names; none in a docker archive or elsewhere.
    ///
    /// - Throws: `FileError`.
    /// - Returns: Bytes that should be a digest's, in their order; files in the making are left out.
    public func storedNames() throws -> [FileName] {
        let names =
            switch blobs {
            case .layout(let layout): try layout.directory.names()
            case .archive(let members): members.names(in: "blobs/sha256/")
            case .dockerArchive, .elsewhere: [FileName]()
            }
        return names.filter { !$0.bytes.starts(with: ".tmp-".utf8) }.sorted()
    }

    /// Opens what is stored under a digest's name; `nil` where there is nothing, and for what would have to be
    /// fetched.
    ///
    /// - Throws: ``ImageError``, `FileError`; also for what is no regular file.
    public func storedBlob(_ digest: Digest) throws -> FileSlice? {
        switch blobs {
        case .layout(let layout): try FileSlice(layout.directory.openFile(FileName(digest.hex.utf8)))
        case .archive(let members): try members.slice("blobs/sha256/\(digest.hex)")
        case .dockerArchive(let archive): try archive.slice(digest)
        case .elsewhere: nil
        }
    }

    /// Opens a blob, whose size is what its descriptor says; its content nobody has checked.
    ///
    /// - Throws: ``ImageError/blobMismatch(_:expected:found:)``, `FileError`; also for a link, a directory or
    ///   a fifo in its place.
    public func openBlob(_ descriptor: Descriptor) throws -> FileSlice {
        let digest = descriptor.digest
        if case .elsewhere(let fetch) = blobs { return try fetch.blob(descriptor) }
        guard let found = try storedBlob(digest) else {
            throw FileError("open", place(of: digest), .noSuchFileOrDirectory)
        }
        guard found.size == descriptor.size else {
            throw ImageError.blobMismatch(
                place(of: digest), expected: digest,
                found: "\(found.size) bytes in place of \(descriptor.size)")
        }
        return found
    }

    /// The bytes of a manifest, index or configuration, checked against its descriptor before anybody reads them.
    ///
    /// - Throws: ``ImageError/blobMismatch(_:expected:found:)``, ``ImageError/malformedDocument(_:_:)`` for one
    ///   of more than ``documentLimit`` bytes, `FileError`.
    public func document(_ descriptor: Descriptor) throws -> [UInt8] {
        if case .dockerArchive(let archive) = blobs, let bytes = archive.documents[descriptor.digest] {
            return bytes
        }
        let place = place(of: descriptor.digest)
        guard descriptor.size <= Int64(Self.documentLimit) else {
            throw ImageError.malformedDocument(place, "it has more than \(Self.documentLimit) bytes")
        }
        let bytes =
            if case .elsewhere(let fetch) = blobs {
                try fetch.document(descriptor)
            } else {
                try openBlob(descriptor).readAll(limit: Self.documentLimit)
            }
        guard Int64(bytes.count) == descriptor.size else {
            throw ImageError.blobMismatch(
                place, expected: descriptor.digest,
                found: "\(bytes.count) bytes in place of \(descriptor.size)")
        }
        let digest = try Digest.of(bytes)
        guard digest == descriptor.digest else {
            throw ImageError.blobMismatch(place, expected: descriptor.digest, found: "\(digest)")
        }
        // Not needed here; but another reader may take it in place of the blob.
        if let data = descriptor.data, data != Base64.text(of: bytes) {
            throw ImageError.blobMismatch(place, expected: descriptor.digest, found: "other bytes in data")
        }
        return bytes
    }

    /// The image manifest that a descriptor names.
    ///
    /// - Throws: ``ImageError``, `FileError`; also where the document says it is of another media type.
    public func manifest(_ descriptor: Descriptor) throws -> Document<Manifest> {
        let manifest: Document<Manifest> = try decode(descriptor)
        try check(manifest.value.mediaType, descriptor)
        return manifest
    }

    /// The index that a descriptor names.
    func nestedIndex(_ descriptor: Descriptor) throws -> Document<Index> {
        let index: Document<Index> = try decode(descriptor)
        try check(index.value.mediaType, descriptor)
        return index
    }

    /// The configuration of an image.
    ///
    /// - Throws: ``ImageError``, `FileError`; ``ImageError/notAnImage(_:_:)`` for an artifact.
    public func configuration(of manifest: Manifest) throws -> Document<ImageConfiguration> {
        guard manifest.config.mediaType.isImageConfiguration else {
            throw ImageError.notAnImage(
                place(of: manifest.config.digest), "its media type is \(manifest.config.mediaType)")
        }
        return try decode(manifest.config)
    }

    private func check(_ mediaType: MediaType, _ descriptor: Descriptor) throws(ImageError) {
        guard mediaType == descriptor.mediaType else {
            throw .malformedDocument(
                place(of: descriptor.digest),
                "its media type is \(mediaType), and its descriptor says \(descriptor.mediaType)")
        }
    }

    private func decode<Value>(_ descriptor: Descriptor) throws -> Document<Value> {
        let bytes = try document(descriptor)
        do {
            return try Document(parsing: bytes)
        } catch {
            throw ImageError.malformedDocument(place(of: descriptor.digest), "\(error)")
        }
    }
}

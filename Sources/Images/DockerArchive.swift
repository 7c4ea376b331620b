import Linux
import OCI
import SystemPackage

/// The images of a docker archive, described as OCI does.
///
/// Each gets a manifest that says what `manifest.json` says; where the archive
/// is an OCI layout as well and has the manifest itself, that one is taken.
///
/// Source: Docker Image Specification v1.2, "Combined Image JSON + Filesystem Changeset Format".
final class DockerArchive: Sendable {
    /// One descriptor for each name of each image.
    let index: Index
    /// The manifests, by their digests.
    let documents: [Digest: [UInt8]]
    private let members: ArchiveMembers
    private let blobs: [Digest: DockerImage.Blob]

    /// - Throws: ``ImageError``, `FileError`, `Interruption`.
    init(_ members: ArchiveMembers) throws {
        var descriptors: [Descriptor] = []
        var documents: [Digest: [UInt8]] = [:]
        var blobs: [Digest: DockerImage.Blob] = [:]
        let own = try Self.ownManifests(of: members)
        for (number, entry) in try Self.entries(of: members).enumerated() {
            let image: DockerImage
            do {
                image = try DockerImage(entry, in: members)
            } catch let error as OCIError {
                throw ImageError.malformedDocument(
                    members.place(of: "manifest.json"), "[\(number)]: \(error)")
            }
            blobs.merge(image.blobs) { first, _ in first }
            let manifest = own.first { image.isDescribed(by: $0.value) } ?? Document(image.manifest)
            let digest = try Digest.of(manifest.bytes)
            documents[digest] = manifest.bytes
            let descriptor = Descriptor(
                mediaType: manifest.value.mediaType, digest: digest, size: Int64(manifest.bytes.count),
                platform: image.platform)
            descriptors += image.names.isEmpty ? [descriptor] : image.names.map { descriptor.named($0) }
            guard descriptors.count <= 10_000 else {
                throw ImageError.malformedDocument(
                    members.place(of: "manifest.json"), "it names more than 10000 images")
            }
        }
        index = Index(manifests: descriptors)
        (self.members, self.documents, self.blobs) = (members, documents, blobs)
    }

    func place(of digest: Digest) -> FilePath {
        members.place(of: blobs[digest]?.name ?? "blobs/sha256/\(digest.hex)")
    }

    func slice(_ digest: Digest) throws -> FileSlice? {
        try blobs[digest].map { try members.slice(at: $0.content) }
            ?? members.slice("blobs/sha256/\(digest.hex)")
    }

    private static func entries(of members: ArchiveMembers) throws -> [JSONValue] {
        let name = "manifest.json"
        guard let bytes = try members.content(of: name, limit: ImageSource.documentLimit) else {
            let isLayout = try members.slice("oci-layout") != nil
            throw ImageError.notAnArchive(
                members.path, "it has no manifest.json" + (isLayout ? "; write oci-archive:FILE" : ""))
        }
        do {
            guard let entries = try JSONValue(parsing: bytes).array else {
                throw ImageError.malformedDocument(members.place(of: name), "it is no array")
            }
            return entries
        } catch let error as JSONError {
            throw ImageError.malformedDocument(members.place(of: name), "\(error)")
        }
    }

    /// The manifests that the archive has as a layout; whatever is wrong with them is not this form's trouble.
    private static func ownManifests(of members: ArchiveMembers) throws -> [Document<Manifest>] {
        guard let index = try? members.index() else { return [] }
        return index.manifests.compactMap { descriptor in
            guard descriptor.mediaType.isManifest,
                let bytes = try? members.content(
                    of: "blobs/sha256/\(descriptor.digest.hex)", limit: ImageSource.documentLimit),
                (try? Digest.of(bytes)) == descriptor.digest
            else { return nil }
            return try? Document<Manifest>(parsing: bytes)
        }
    }
}

extension Descriptor {
    /// The same with a name as `docker load` gives it.
    fileprivate func named(_ name: DockerImage.Name) -> Descriptor {
        var named = self
        named.annotations["io.containerd.image.name"] = name.full
        named.annotations["org.opencontainers.image.ref.name"] = name.text
        return named
    }
}

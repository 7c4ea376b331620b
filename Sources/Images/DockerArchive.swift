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
        let own = Self.ownManifests(of: members)
        var known = DockerImage.Known()
        for (number, entry) in try Self.entries(of: members).enumerated() {
            let image: DockerImage
            do {
                image = try DockerImage(entry, in: members, &known)
            } catch let error as OCIError {
                throw ImageError.malformedDocument(
                    members.place(of: "manifest.json"), "[\(number)]: \(error)")
            }
            blobs.merge(image.blobs) { first, _ in first }
            let manifest =
                own[image.manifest.config.digest].flatMap { image.isDescribed(by: $0.value) ? $0 : nil }
                ?? Document(image.manifest)
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

    /// The manifests that the archive has as a layout, by their configurations.
    ///
    /// Whatever is wrong with them is not this form's trouble.
    private static func ownManifests(of members: ArchiveMembers) -> [Digest: Document<Manifest>] {
        var manifests: [Digest: Document<Manifest>] = [:]
        let listed = (try? members.index())?.manifests ?? []
        for digest in Set(listed.filter { $0.mediaType.isManifest }.map(\.digest)).sorted() {
            guard
                let bytes = try? members.content(
                    of: "blobs/sha256/\(digest.hex)", limit: ImageSource.documentLimit),
                (try? Digest.of(bytes)) == digest, let manifest = try? Document<Manifest>(parsing: bytes)
            else { continue }
            manifests[manifest.value.config.digest] = manifest
        }
        return manifests
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

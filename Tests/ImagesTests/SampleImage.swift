import Cryptography
import Images
import Linux
import OCI
import SystemPackage
import TestSupport

/// A small image as files, to be damaged and written as a layout or as an archive.
struct SampleImage {
    /// Names and contents, in no order.
    var files: [String: [UInt8]] = [:]
    let layer: Descriptor
    let config: Descriptor
    let manifest: Descriptor
    let diffID: Digest

    init(
        _ text: String = "a", platform: Platform = Platform(os: "linux", architecture: "amd64"),
        layerType: MediaType = .layerTar, layer content: [UInt8]? = nil
    ) throws {
        let content = content ?? Array(text.utf8)
        diffID = try digest(content)
        layer = Descriptor(mediaType: layerType, digest: try digest(content), size: Int64(content.count))
        var configuration = ImageConfiguration(platform: platform)
        configuration.append(layer: diffID, history: HistoryEntry(createdBy: text))
        let bytes = Document(configuration).bytes
        config = Descriptor(
            mediaType: .imageConfiguration, digest: try digest(bytes), size: Int64(bytes.count))
        let document = Document(Manifest(config: config, layers: [layer], annotations: ["text": text])).bytes
        manifest = Descriptor(
            mediaType: .imageManifest, digest: try digest(document), size: Int64(document.count))
        files["oci-layout"] = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)
        for blob in [content, bytes, document] { try add(blob) }
        name([named(manifest, "one")])
    }

    /// Adds a blob, and says its digest.
    @discardableResult
    mutating func add(_ blob: [UInt8]) throws -> Digest {
        let digest = try digest(blob)
        files["blobs/sha256/\(digest.hex)"] = blob
        return digest
    }

    /// Adds an index as a blob.
    mutating func nest(_ manifests: [Descriptor]) throws -> Descriptor {
        let bytes = Document(Index(manifests: manifests)).bytes
        return Descriptor(mediaType: .imageIndex, digest: try add(bytes), size: Int64(bytes.count))
    }

    /// Writes `index.json`.
    mutating func name(_ manifests: [Descriptor]) {
        files["index.json"] = Document(Index(manifests: manifests)).bytes
    }

    /// Takes another image's blobs in.
    mutating func merge(_ other: SampleImage) {
        files.merge(other.files) { own, _ in own }
    }

    /// Writes it in one of two forms, and opens that.
    func source(_ form: String, in scratch: Scratch) throws -> ImageSource {
        try ImageSource(reading: location(form, in: scratch))
    }

    /// Writes it in one of two forms.
    func location(_ form: String, in scratch: Scratch) throws -> ImageLocation {
        let path = scratch["image-\(form)"]
        if form == "oci" {
            try scratch.directory("image-oci/blobs/sha256")
            for (name, bytes) in files { try Directory.writeFile(at: path.pushing(FilePath(name)), bytes) }
        } else {
            try Directory.writeFile(at: path, archive)
        }
        return try ImageLocation(parsing: Array("\(form):\(path)".utf8))
    }

    /// It all as a tar.
    var archive: [UInt8] {
        TarBytes.archive(files.sorted { $0.key < $1.key }.map { .file($0.key, $0.value) })
    }
}

/// A descriptor with a name.
func named(_ descriptor: Descriptor, _ name: String, platform: Platform? = nil) -> Descriptor {
    var named = descriptor
    named.annotations["org.opencontainers.image.ref.name"] = name
    named.platform = platform
    return named
}

/// The digest of bytes.
func digest(_ bytes: [UInt8]) throws -> Digest {
    var sha256 = try SHA256()
    sha256.update(bytes.span)
    return Digest(sha256: sha256.finish())
}

/// What kind of content a blob holds.
///
/// Source: RFC 6838, section 4.2; OCI image-spec v1.1, media-types.md; Docker's
/// "Image Manifest Version 2, Schema 2".
public struct MediaType: Hashable, Sendable, CustomStringConvertible {
    /// The media type as a descriptor writes it.
    public let description: String

    /// Reads `type/subtype`, without parameters.
    ///
    /// - Throws: ``OCIError/malformedMediaType(_:)``, with the text as it stood.
    public init(parsing text: String) throws(OCIError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard text.utf8.count <= 255, parts.count == 2, parts.allSatisfy(Self.isName) else {
            throw .malformedMediaType(text)
        }
        description = text
    }

    private init(_ text: String) { description = text }

    private static func isName(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, isLetterOrDigit(first) else { return false }
        return bytes.allSatisfy { isLetterOrDigit($0) || "!#$&-^_.+".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}

extension MediaType {
    /// An OCI image manifest.
    public static let imageManifest = MediaType("application/vnd.oci.image.manifest.v1+json")
    /// An OCI image index.
    public static let imageIndex = MediaType("application/vnd.oci.image.index.v1+json")
    /// An OCI image configuration.
    public static let imageConfiguration = MediaType("application/vnd.oci.image.config.v1+json")
    /// An OCI layer, not compressed.
    public static let layerTar = MediaType("application/vnd.oci.image.layer.v1.tar")
    /// An OCI layer, compressed with gzip.
    public static let layerTarGzip = MediaType("application/vnd.oci.image.layer.v1.tar+gzip")
    /// An OCI layer, compressed with zstd.
    public static let layerTarZstd = MediaType("application/vnd.oci.image.layer.v1.tar+zstd")
    /// The content `{}`, where a descriptor must stand and there is nothing to describe.
    public static let empty = MediaType("application/vnd.oci.empty.v1+json")

    /// A Docker image manifest.
    public static let dockerManifest = MediaType("application/vnd.docker.distribution.manifest.v2+json")
    /// A Docker manifest list, the elder of the image index.
    public static let dockerManifestList = MediaType(
        "application/vnd.docker.distribution.manifest.list.v2+json"
    )
    /// A Docker image configuration.
    public static let dockerImageConfiguration = MediaType("application/vnd.docker.container.image.v1+json")
    /// A Docker layer, not compressed.
    public static let dockerLayerTar = MediaType("application/vnd.docker.image.rootfs.diff.tar")
    /// A Docker layer, compressed with gzip.
    public static let dockerLayerTarGzip = MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip")
    /// A Docker layer, compressed with zstd.
    public static let dockerLayerTarZstd = MediaType("application/vnd.docker.image.rootfs.diff.tar.zstd")

    /// An in-toto statement; the payload type of a signed one.
    public static let inToto = MediaType("application/vnd.in-toto+json")
    /// A signed envelope.
    public static let dsseEnvelope = MediaType("application/vnd.dsse.envelope.v1+json")

    /// What cosign signs about an image: no statement.
    public static let simpleSigning = MediaType("application/vnd.dev.cosign.simplesigning.v1+json")
    /// An envelope with what sigstore wants to know.
    public static let sigstoreBundle = MediaType("application/vnd.dev.sigstore.bundle.v0.3+json")

    /// Whether it names an image manifest, OCI's or Docker's.
    public var isManifest: Bool { self == .imageManifest || self == .dockerManifest }

    /// Whether it names an image index or Docker's manifest list.
    public var isIndex: Bool { self == .imageIndex || self == .dockerManifestList }

    /// Whether it names an image configuration, OCI's or Docker's.
    public var isImageConfiguration: Bool {
        self == .imageConfiguration || self == .dockerImageConfiguration
    }

    /// Whether it names a layer that this package can unpack.
    public var isLayer: Bool {
        let layers: [MediaType] = [
            .layerTar, .layerTarGzip, .layerTarZstd, .dockerLayerTar, .dockerLayerTarGzip,
            .dockerLayerTarZstd,
        ]
        return layers.contains(self)
    }
}

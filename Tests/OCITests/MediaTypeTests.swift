import OCI
import Testing

struct MediaTypeTests {
    @Test(
        "A media type is type/subtype without parameters",
        arguments: [
            "application/vnd.oci.image.manifest.v1+json", "text/plain", "application/x.y-z_1!#$&^",
            "application/vnd.example.unknown.layer.v9",
        ])
    func accepts(text: String) throws {
        #expect(try MediaType(parsing: text).description == text)
    }

    @Test(
        "A text that is no media type is refused and given back",
        arguments: [
            "", "/", "text", "text/", "/plain", "text/plain/x", "text/plain; charset=utf-8", "text /plain",
            "text/pl\nain",
            ".text/plain", "text/+json", "text/plaín", "a/" + String(repeating: "b", count: 254),
        ])
    func refuses(text: String) {
        #expect(throws: OCIError.malformedMediaType(text)) { try MediaType(parsing: text) }
    }

    @Test(
        "Each type belongs to one kind",
        arguments: [
            (.imageManifest, "manifest"), (.dockerManifest, "manifest"), (.imageIndex, "index"),
            (.dockerManifestList, "index"), (.imageConfiguration, "configuration"),
            (.dockerImageConfiguration, "configuration"), (.layerTar, "layer"), (.layerTarGzip, "layer"),
            (.layerTarZstd, "layer"), (.dockerLayerTar, "layer"), (.dockerLayerTarGzip, "layer"),
            (.dockerLayerTarZstd, "layer"), (.empty, ""), (.inToto, ""), (.dsseEnvelope, ""),
        ] as [(MediaType, String)])
    func kinds(type: MediaType, kind: String) throws {
        let kinds = [
            type.isManifest ? "manifest" : "", type.isIndex ? "index" : "", type.isLayer ? "layer" : "",
            type.isImageConfiguration ? "configuration" : "",
        ]
        #expect(kinds.joined() == kind)
        #expect(try MediaType(parsing: type.description) == type)
    }
}

import OCI
import Testing

struct OCIErrorTests {
    @Test(
        "A message says what is wrong in one line",
        arguments: [
            (.malformedDigest("x"), "\"x\" is not a digest: sha256: and 64 lower-case hexadecimal digits"),
            (
                .malformedMediaType("x"),
                "\"x\" is not a media type such as application/vnd.oci.image.manifest.v1+json"
            ),
            (
                .malformedPlatform("x", reason: "r"),
                "\"x\" is not a platform such as linux/amd64 or linux/arm/v7: r"
            ),
            (
                .malformedReference("X", reason: "r"),
                "\"X\" is not an image reference such as registry.example/team/app:1.0: r"
            ),
            (.malformedTimestamp("x"), "\"x\" is not a time such as 2026-01-31T12:00:00Z (RFC 3339)"),
            (.malformedJSON(JSONError(line: 2, column: 3, reason: "r")), "JSON, line 2, byte 3: r"),
            (.missingMember(path: "config.digest"), "config.digest is missing"),
            (
                .wrongMember(path: "a[1]", expected: "a string", found: "5"),
                "a[1]: expected a string, found 5"
            ),
            (
                .unsupportedSchemaVersion("1"),
                "schemaVersion is 1, only 2 can be read; a Docker schema 1 image has to be pushed anew"
            ),
            (
                .wrongMediaType(document: "an image index", found: "a/b"),
                "the media type \"a/b\" does not belong to an image index"
            ),
            (
                .ambiguousDocument(document: "an image index", member: "layers"),
                "an image index must not have the member \"layers\": others could read it as another document"
            ),
            (
                .tooManyDescriptors(path: "layers", count: 10_001),
                "layers names 10001 descriptors, at most 10000 are read"
            ),
            (
                .unsupportedLayoutVersion("2"),
                "\"2\" is not a known version of the image layout; known is 1.0.0"
            ),
        ] as [(OCIError, String)])
    func messages(error: OCIError, text: String) {
        #expect(error.description == text)
    }

    @Test func `a hostile text cannot steer the terminal, and is shortened`() {
        let text = OCIError.malformedDigest(
            "\u{1B}[31m\n\t\"\\\u{202E}\u{2028}é" + String(repeating: "x", count: 10_000)
        )
        .description
        #expect(text.hasPrefix("\"\\u{1b}[31m\\n\\t\\\"\\\\\\u{202e}\\u{2028}éxxx"))
        #expect(text.contains("xxx…\" is not a digest"))
        #expect(text.utf8.count < 250)
    }

    @Test func `a hostile member name in a path cannot either`() {
        let path = OCIError.missingMember(path: "annotations.\u{1B}[0m")
        #expect(path.description == "annotations.\\u{1b}[0m is missing")
    }
}

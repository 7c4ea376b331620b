import OCI
import Testing

struct ImageLayoutVersionTests {
    @Test func `the file has the 30 bytes that every tool writes`() throws {
        let document = Document(ImageLayoutVersion.current)
        #expect(document.bytes == Array("{\"imageLayoutVersion\":\"1.0.0\"}".utf8))
        #expect(document.bytes.count == 30)
        #expect(try Document<ImageLayoutVersion>(parsing: document.bytes) == document)
    }

    @Test func `spaces and a newline are accepted`() throws {
        let text = "{ \"imageLayoutVersion\" : \"1.0.0\" }\n"
        #expect(try Document<ImageLayoutVersion>(parsing: Array(text.utf8)).value == .current)
    }

    @Test(
        "Another version, or none, is refused",
        arguments: [
            ("{\"imageLayoutVersion\":\"1.1.0\"}", .unsupportedLayoutVersion("1.1.0")),
            ("{\"imageLayoutVersion\":\"\"}", .unsupportedLayoutVersion("")),
            ("{}", .missingMember(path: "imageLayoutVersion")),
            (
                "{\"imageLayoutVersion\":1}",
                .wrongMember(path: "imageLayoutVersion", expected: "a string", found: "1")
            ),
            ("[]", .wrongMember(path: "", expected: "an object", found: "an array of 0")),
        ] as [(String, OCIError)])
    func refuses(text: String, error: OCIError) {
        #expect(throws: error) { try Document<ImageLayoutVersion>(parsing: Array(text.utf8)) }
    }
}

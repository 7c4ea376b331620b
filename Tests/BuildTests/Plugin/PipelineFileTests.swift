import Testing

@testable import Build

/// What pipelines read, byte for byte.
@Suite struct PipelineFileTests {
    private static let digest = "sha256:" + String(repeating: "49f7", count: 16)

    @Test func `the artifact file names each image`() {
        let file = ArtifactFile(
            registryType: "Docker", registryURL: "https://index.docker.io/v1/",
            images: [("harness/ci:1.0", Self.digest), ("harness/ci:1", Self.digest)])
        let expected = """
            {
            \t"kind": "docker/v1",
            \t"data": {
            \t\t"registryType": "Docker",
            \t\t"registryUrl": "https://index.docker.io/v1/",
            \t\t"images": [
            \t\t\t{
            \t\t\t\t"image": "harness/ci:1.0",
            \t\t\t\t"digest": "\(Self.digest)"
            \t\t\t},
            \t\t\t{
            \t\t\t\t"image": "harness/ci:1",
            \t\t\t\t"digest": "\(Self.digest)"
            \t\t\t}
            \t\t]
            \t}
            }
            """
        #expect(String(decoding: file.bytes, as: UTF8.self) == expected)
    }

    @Test func `an artifact file of nothing has no list, and spaces of a text stay`() {
        let file = ArtifactFile(registryType: "GAR", registryURL: "a \n b", images: [])
        #expect(
            String(decoding: file.bytes, as: UTF8.self)
                == "{\n\t\"kind\": \"docker/v1\",\n\t\"data\": {\n\t\t\"registryType\": \"GAR\",\n\t\t\"registryUrl\": \"a \\n b\",\n\t\t\"images\": null\n\t}\n}"
        )
    }

    @Test(
        "the output file has a variable a line, in their order",
        arguments: [
            (nil, "digest=\"\(digest)\"\n"),
            ("/out/x.tar", "IMAGE_TAR_PATH=\"/out/x.tar\"\ndigest=\"\(digest)\"\n"),
            ("a\"$b`!\\\r\n", "IMAGE_TAR_PATH=\"a\\\"\\$b\\`\\!\\\\\\r\\n\"\ndigest=\"\(digest)\"\n"),
        ])
    func output(tarPath: String?, expected: String) throws {
        let bytes = DroneOutput(digest: Self.digest, tarPath: tarPath).bytes
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        // Read again, it is what was written.
        let read = try EnvironmentFile(parsing: bytes) { _ in nil }.variables
        #expect(read.last?.value == Array(Self.digest.utf8))
        if let tarPath { #expect(read.first?.value == Array(tarPath.utf8)) }
    }
}

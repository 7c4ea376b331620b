import Linux
import OCI
import SystemPackage
import Testing

@testable import Images

private let hex = String(repeating: "0f", count: 32)

struct ImageLocationTests {
    @Test(arguments: [
        ("oci:out:app-1.0", "out", "app-1.0"), ("oci:/a/b:latest", "/a/b", "latest"), ("oci:.:x", ".", "x"),
        ("oci:out:registry.example.com/team/app:1.0", "out", "registry.example.com/team/app:1.0"),
        ("oci:out:_a", "out", "_a"),
    ])
    func `a name stands behind the first colon`(text: String, path: String, name: String) throws {
        let location = try ImageLocation(parsing: Array(text.utf8))
        #expect(location.path == FilePath(path))
        #expect(location.selector == .name(name))
    }

    @Test func `a digest stands behind the at sign`() throws {
        let location = try ImageLocation(parsing: Array("oci:out@sha256:\(hex)".utf8))
        #expect(location.path == "out")
        #expect(try location.selector == .digest(Digest(parsing: "sha256:\(hex)")))
    }

    @Test func `a directory alone means its only image`() throws {
        #expect(try ImageLocation(parsing: Array("oci:out".utf8)).selector == nil)
    }

    @Test func `a directory's name is bytes`() throws {
        let location = try ImageLocation(parsing: Array("oci:".utf8) + [0xFF, 0x61])
        #expect(location.path.bytes == [0xFF, 0x61])
    }

    @Test(
        arguments: [
            ("oci-archive:a.tar", ImageLocation.Transport.archive, "a.tar", nil),
            ("oci-archive:/a/b.tar:1.0", .archive, "/a/b.tar", "1.0"),
            ("oci-archive:-:x", .archive, "-", "x"),
            ("docker-archive:a.tar:example.com/app:1.0", .dockerArchive, "a.tar", "example.com/app:1.0"),
            ("docker-archive:-:app", .dockerArchive, "-", "app"),
        ] as [(String, ImageLocation.Transport, FilePath, String?)])
    func `an archive is named like a layout`(
        text: String, transport: ImageLocation.Transport, path: FilePath, name: String?
    ) throws {
        let location = try ImageLocation(parsing: Array(text.utf8))
        #expect((location.transport, location.path) == (transport, path))
        #expect(location.selector == name.map { .name($0) })
        #expect(location.isStandardStream == (path == "-"))
        #expect(location.description == text)
    }

    @Test func `a layout's directory may be called like standard output`() throws {
        #expect(try !ImageLocation(parsing: Array("oci:-:x".utf8)).isStandardStream)
    }

    @Test(arguments: [
        ("oci-archive:", "the file is missing"), ("docker-archive::a:b", "the file is missing"),
        ("docker-archive:a:UPPER:1", "upper-case"), ("docker-archive:a:b:c:d", "not an image reference"),
        ("", "write oci:DIR:TAG"), ("out", "write oci:DIR:TAG"), ("docker:out:x", "docker is no transport"),
        ("oci:", "the directory is missing"), ("oci::x", "the directory is missing"),
        ("oci:out:", "the tag needs"),
        ("oci:out:a b", "the tag needs"), ("oci:out:-a", "the tag needs"), ("oci:out:é", "the tag needs"),
        ("oci:out:" + String(repeating: "a", count: 256), "the tag needs"), ("oci:out@sha256:0f", "digest"),
        ("oci:out@sha256:" + hex.uppercased(), "digest"), ("oci:out:tag@sha256:" + hex, "a tag or a digest"),
        ("oci:out\u{0}side:x", "a NUL"),
    ])
    func `a text that names no image is refused with the reason`(text: String, reason: String) throws {
        let error = #expect(throws: ImageError.self) { try ImageLocation(parsing: Array(text.utf8)) }
        #expect(try #require(error).description.contains(reason))
    }
}

import OCI
import Provenance
import Testing

private let digest = "sha256:" + String(repeating: "0f", count: 32)

struct PluginImageTests {
    @Test(
        "A plugin's image gives its entry of the version map and its package URL",
        arguments: [
            ("plugins/kaniko:1.7.5", "plugins/kaniko", "1.7.5", "pkg:docker/plugins/kaniko@1.7.5"),
            (
                "registry:5000/plugins/kaniko:1.7.5", "plugins/kaniko", "1.7.5",
                "pkg:docker/plugins/kaniko@1.7.5?repository_url=registry%3A5000"
            ),
            (
                "registry.example.com:5000/team/app", "team/app", "latest",
                "pkg:docker/team/app@latest?repository_url=registry.example.com%3A5000"
            ),
            ("docker.io/plugins/kaniko:1", "plugins/kaniko", "1", "pkg:docker/plugins/kaniko@1"),
            ("alpine", "alpine", "latest", "pkg:docker/alpine@latest"),
            ("library/alpine:3", "alpine", "3", "pkg:docker/alpine@3"),
            (
                "harbor.example.com/library/x:1", "library/x", "1",
                "pkg:docker/library/x@1?repository_url=harbor.example.com"
            ),
        ])
    func names(text: String, name: String, version: String, uri: String) throws {
        let image = try PluginImage(parsing: text)
        #expect(image.component == ComponentVersion(name: name, version: version))
        #expect(image.dependency() == ResourceDescriptor(uri: uri))
    }

    @Test func `a digest is the version where there is no tag, and always the dependency's digest`() throws {
        let set = DigestSet(try Digest(parsing: digest))
        let untagged = try PluginImage(parsing: "plugins/kaniko@\(digest)")
        #expect(untagged.component.version == digest)
        let uri = "pkg:docker/plugins/kaniko@sha256%3A\(digest.dropFirst(7))"
        #expect(untagged.dependency() == ResourceDescriptor(uri: uri, digest: set))

        let tagged = try PluginImage(parsing: "plugins/kaniko:1.7.5@\(digest)")
        #expect(tagged.component.version == "1.7.5")
        #expect(
            tagged.dependency() == ResourceDescriptor(uri: "pkg:docker/plugins/kaniko@1.7.5", digest: set))
    }

    @Test func `a digest from elsewhere counts only where the reference has none`() throws {
        let other = try Digest(parsing: "sha256:" + String(repeating: "a0", count: 32))
        #expect(try PluginImage(parsing: "a:1").dependency(digest: other).digest == DigestSet(other))
        let pinned = try PluginImage(parsing: "a:1@\(digest)").dependency(digest: other)
        #expect(pinned.digest["sha256"] == String(digest.dropFirst(7)))
    }

    @Test("A text that is no reference is refused", arguments: ["", "a b", "Plugins/Kaniko", "a@sha256:00"])
    func refuses(text: String) {
        #expect(throws: ProvenanceError.malformedPluginImage(text)) { try PluginImage(parsing: text) }
    }
}

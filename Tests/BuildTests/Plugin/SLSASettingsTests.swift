import OCI
import Testing

@testable import Build

struct SLSASettingsTests {
    private static let digests = ["0a", "0b"].map { "sha256:" + String(repeating: $0, count: 32) }
    private static let attest = [
        "PLUGIN_TYPE": "attest", "PLUGIN_REPO": "team/app", "PLUGIN_REGISTRY": "registry.example.com",
        "PLUGIN_TAGS": "1.0",
    ]
    private static let verify = [
        "PLUGIN_TYPE": "verify", "PLUGIN_REPO": "team/app", "PLUGIN_REGISTRY": "registry.example.com",
        "PLUGIN_TAG": "1.0", "COSIGN_PUBLIC_KEY": "a key",
    ]

    private func settings(
        _ variables: [String: String], _ changes: [String: String] = [:]
    ) throws -> SLSASettings {
        try SLSASettings(variables: variables.merging(changes) { $1 })
    }

    @Test(arguments: [
        ("registry.example.com:5000", "team/app", "registry.example.com:5000/team/app"),
        ("https://registry.example.com/", "team/app", "registry.example.com/team/app"),
        ("https://index.docker.io/v1/", "org/app", "docker.io/org/app"),
        ("index.docker.io", "app", "docker.io/library/app"), ("", "org/app", "docker.io/org/app"),
        ("", "registry.example.com/app", "registry.example.com/app"),
        ("gcr.io", "gcr.io/project/app", "gcr.io/project/app"),
        ("us-docker.pkg.dev/project", "repo/app", "us-docker.pkg.dev/project/repo/app"),
        (
            "us-docker.pkg.dev/project", "us-docker.pkg.dev/project/repo/app",
            "us-docker.pkg.dev/project/repo/app"
        ),
        (" registry.example.com\n", " app ", "registry.example.com/app"),
    ])
    func `registry and repository are one name`(registry: String, repository: String, name: String) throws {
        let settings = try settings(
            Self.attest, ["PLUGIN_REGISTRY": registry, "PLUGIN_REPO": repository])
        #expect(settings.images.map(\.name) == [name])
    }

    @Test(arguments: [
        ("docker", "docker.io/team/app"), ("Docker", "docker.io/team/app"), ("gcr", "gcr.io/team/app"),
    ])
    func `some kinds of registries need no name`(type: String, name: String) throws {
        let settings = try settings(Self.verify, ["PLUGIN_REGISTRY": "", "PLUGIN_REGISTRY_TYPE": type])
        #expect(settings.images.map(\.name) == [name])
    }

    @Test func `where digests are known tags are not looked at`() throws {
        let settings = try settings(
            Self.attest,
            ["PLUGIN_DIGESTS": Self.digests.joined(separator: ", "), "PLUGIN_TAGS": "1.0,latest"])
        #expect(settings.images.map { $0.digest?.description } == Self.digests)
        #expect(settings.images.allSatisfy { $0.tag == nil })
    }

    @Test func `tags are a list`() throws {
        let settings = try settings(Self.attest, ["PLUGIN_TAGS": "1.0,, latest ,"])
        #expect(settings.images.map(\.tag) == ["1.0", "latest"])
    }

    @Test func `a verification is of one image, by its digest where that is known`() throws {
        #expect(try settings(Self.verify).images.map(\.tag) == ["1.0"])
        let pinned = try settings(Self.verify, ["PLUGIN_DIGEST": Self.digests[0]])
        #expect(pinned.images.map { $0.digest?.description } == [Self.digests[0]])
    }

    @Test func `what is known of the build comes from variables`() throws {
        let settings = try settings(
            Self.attest,
            [
                "STEP_EXECUTION_ID": "s1", "PLUGIN_BUILDER_ID": "https://ci.example.com/varve",
                "PLUGIN_BUILDER_IMAGE": "registry:5000/plugins/kaniko:1.7.5,plugins/git",
                "PLUGIN_CI_MANAGER_VERSION": "1.0.5801-000", "DRONE_SYSTEM_VERSION": "2.0",
            ])
        #expect(settings.provenance.invocationID == "s1")
        #expect(settings.provenance.builderID == "https://ci.example.com/varve")
        #expect(settings.provenance.pluginImages == ["registry:5000/plugins/kaniko:1.7.5", "plugins/git"])
        #expect(settings.managerVersion == "1.0.5801-000")
        #expect(try self.settings(Self.attest, ["DRONE_SYSTEM_VERSION": "2.0"]).managerVersion == "2.0")
    }

    @Test(arguments: [
        (["PLUGIN_TYPE": ""], "PLUGIN_TYPE: it is not set"),
        (["PLUGIN_TYPE": "sign"], "PLUGIN_TYPE: \"sign\" is none of attest, verify"),
        (["PLUGIN_REPO": ""], "PLUGIN_REPO: it is not set"), (["PLUGIN_REPO": "Team/App"], "PLUGIN_REPO: "),
        (["PLUGIN_REPO": "team/app:1"], "PLUGIN_REPO: a tag or a digest"),
        (["PLUGIN_REPO": "gcr.io/app"], "PLUGIN_REPO: it names another registry"),
        (["PLUGIN_REGISTRY": "user:canary@host"], "PLUGIN_REGISTRY: a registry is named without a user"),
        (["PLUGIN_REGISTRY": "https://"], "PLUGIN_REGISTRY: it names no host"),
        (["PLUGIN_REGISTRY_TYPE": "nexus"], "PLUGIN_REGISTRY_TYPE: \"nexus\" is none of acr, docker"),
        (["PLUGIN_REGISTRY_TYPE": "local"], "PLUGIN_REGISTRY_TYPE: local is for files"),
        (["PLUGIN_REGISTRY_TYPE": "ecr", "PLUGIN_REGISTRY": ""], "PLUGIN_REGISTRY: it is not set"),
        (["PLUGIN_TAGS": " , "], "PLUGIN_DIGESTS: neither it nor PLUGIN_TAGS"),
        (["PLUGIN_TAGS": "a+b"], "PLUGIN_TAGS: "), (["PLUGIN_DIGESTS": "sha256:0"], "PLUGIN_DIGESTS: "),
        (["PLUGIN_BUILDER_IMAGE": "https://user:canary@host/x"], "PLUGIN_BUILDER_IMAGE: write NAME"),
        (["PROVENANCE_PREDICATE": "{"], "PROVENANCE_PREDICATE: JSON, line 1"),
    ])
    func `a mistake is told by its variable, and without a password`(
        changes: [String: String], reason: String
    ) {
        #expect {
            try settings(Self.attest, changes)
        } throws: {
            "\($0)".hasPrefix(reason) && !"\($0)".contains("canary")
        }
    }

    @Test(arguments: [
        (["PLUGIN_TAG": ""], "PLUGIN_DIGEST: neither it nor PLUGIN_TAG"),
        (["PLUGIN_DIGEST": "1.0"], "PLUGIN_DIGEST: "),
        (["COSIGN_PUBLIC_KEY": ""], "COSIGN_PUBLIC_KEY: it is not set"),
    ])
    func `a verification's mistakes, too`(changes: [String: String], reason: String) {
        #expect {
            try settings(Self.verify, changes)
        } throws: {
            "\($0)".hasPrefix(reason)
        }
    }

    @Test func `a step has a hundred images at most`() {
        let tags = (0...100).map { "t\($0)" }.joined(separator: ",")
        #expect(throws: BuildError.self) { try settings(Self.attest, ["PLUGIN_TAGS": tags]) }
    }
}

import Cryptography
import OCI
import SystemPackage
import TestSupport
import Testing

/// Where credentials come from, and where they never go.
struct RegistryCredentialTests {
    private let work: RegistryWorkplace
    private let registry: RealRegistry
    private static let user = RealRegistry.login.user
    private static let password = RealRegistry.login.password

    init() throws {
        work = try RegistryWorkplace()
        registry = try RealRegistry(wantsUser: true)
    }

    private var prefix: String { "VARVE_127_0_0_1_\(registry.port)" }
    private var variables: [String] {
        ["\(prefix)_USER=\(Self.user)", "\(prefix)_PASSWORD=\(Self.password)"]
    }
    private var auth: String { Base64.text(of: Array("\(Self.user):\(Self.password)".utf8)) }
    private func document(_ key: String) -> String { #"{"auths":{"\#(key)":{"auth":"\#(auth)"}}}"# }

    private func push(_ variables: [String] = []) -> Command {
        work.varve(["push", "oci:out:app-1.0", "\(registry.host)/team/app:1", "-q"], variables: variables)
    }

    @Test(arguments: ["HOST", "https://HOST", "http://HOST/v2/", "HOST/team", "HOST/team/app"])
    func `config.json has logins for registries and paths in them`(key: String) throws {
        let key = key.split(separator: "HOST", omittingEmptySubsequences: false).joined(
            separator: registry.host)
        try work.scratch.write("home/.docker/config.json", document(key))
        try push().succeed()
    }

    @Test(arguments: ["HOST/other", "HOST/team/ap", "example.com", "127.0.0.1"])
    func `another's login is shown to nobody`(key: String) throws {
        let key = key.split(separator: "HOST", omittingEmptySubsequences: false).joined(
            separator: registry.host)
        try work.scratch.write("home/.docker/config.json", document(key))
        let outcome = try push().run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("varve login \(registry.host)"), "\(outcome.errors)")
    }

    @Test func `variables come before files`() throws {
        try work.scratch.write(
            "home/.docker/config.json", #"{"auths":{"\#(registry.host)":{"auth":"d3Jvbmc6d3Jvbmc="}}}"#)
        #expect(try push().run().status == 1)
        try push(variables).succeed()
        try push(["DOCKER_AUTH_CONFIG=\(document(registry.host))"]).succeed()
    }

    @Test func `half a login in variables is told`() throws {
        let outcome = try push(Array(variables.prefix(1))).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("\(prefix)_PASSWORD"), "\(outcome.errors)")
    }

    @Test func `a document that is none is told by its name, not its content`() throws {
        for variables in [
            ["DOCKER_AUTH_CONFIG=c4nary{"], ["DOCKER_AUTH_CONFIG={\"auths\":{\"a\":{\"auth\":\"c4nary\"}}}"],
        ] {
            let outcome = try push(variables).run()
            #expect(outcome.status == 1)
            #expect(!outcome.errors.contains("c4nary"), "\(outcome.errors)")
        }
        let outcome = try push(["DOCKER_AUTH_CONFIG={"]).run()
        #expect(outcome.errors.contains("DOCKER_AUTH_CONFIG"), "\(outcome.errors)")
        try work.scratch.write("home/.docker/config.json", "[]")
        let file = try push().run()
        #expect(file.errors.contains("home/.docker/config.json"), "\(file.errors)")
    }

    @Test(arguments: [
        ("credsStore", #"{"credsStore":"test"}"#), ("credHelpers", #"{"credHelpers":{"HOST":"test"}}"#),
    ])
    func `a credential program is asked, without varve's own secrets`(kind: String, document: String) throws {
        try program(
            """
            env >'\(work.scratch["seen"])'; cat >'\(work.scratch["asked"])'
            echo '{"ServerURL":"x","Username":"\(Self.user)","Secret":"\(Self.password)"}'
            """)
        let text = document.split(separator: "HOST", omittingEmptySubsequences: false).joined(
            separator: registry.host)
        try work.scratch.write("home/.docker/config.json", text)
        try push([
            "VARVE_EXAMPLE_COM_USER=a", "VARVE_EXAMPLE_COM_PASSWORD=c4nary", "COSIGN_PASSWORD=c4nary",
        ]).succeed()
        #expect(try TestSupport.text(of: work.scratch["asked"]).contains(registry.host))
        let seen = try TestSupport.text(of: work.scratch["seen"])
        #expect(seen.contains("HOME="))
        #expect(!seen.contains("c4nary"), "\(seen)")
    }

    @Test(arguments: [
        ("exit 3", "status 3"), ("echo nonsense", "JSON"), ("kill -9 $$", "docker-credential-test"),
        ("echo '{\"Secret\":\"c4nary\"}'", "Username"),
        ("echo '{\"Secret\":\"c4nary\"}'; exit 1", "status 1"),
        ("head -c 10M /dev/zero", "docker-credential-test"),
    ])
    func `a credential program that fails is named, and nothing of its secrets`(script: String, text: String)
        throws
    {
        try program(script)
        try work.scratch.write("home/.docker/config.json", #"{"credsStore":"test"}"#)
        let outcome = try push().run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("docker-credential-test"), "\(outcome.errors)")
        #expect(outcome.errors.contains(text), "\(outcome.errors)")
        #expect(!outcome.errors.contains("c4nary"), "\(outcome.errors)")
    }

    @Test func `a credential program that is missing is told with the file that names it`() throws {
        try work.scratch.write("home/.docker/config.json", #"{"credsStore":"nowhere"}"#)
        let outcome = try push().run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("docker-credential-nowhere"), "\(outcome.errors)")
    }

    @Test func `no secret is in the output, the image or the provenance`() throws {
        try work.scratch.write("rootfs/etc/app", "app\n")
        let outcome = try work.varve(
            [
                "pack", "rootfs", "--destination", "\(registry.host)/team/app:1", "-o", "oci:made:app",
                "-o", "oci-archive:made.tar:1", "--env", "\(prefix)_USER", "--log-format", "json",
            ],
            variables: variables
        ).run()
        let clean = try work.varve(
            [
                "pack", "rootfs", "--destination", "\(registry.host)/team/app:1", "-o", "oci:made:app",
                "-o", "oci-archive:made.tar:1",
            ], variables: variables
        ).succeed()
        for said in [outcome, clean] {
            #expect(!"\(said.errors)\(said.text)".contains(Self.password))
            #expect(!"\(said.errors)\(said.text)".contains(auth))
        }
        let found = try work.shell(
            "grep -rlaF -e '\(Self.password)' -e '\(auth)' made made.provenance made.tar made.tar.provenance.json; test $? = 1"
        ).run()
        #expect(found.status == 0, "\(found.text)\(found.errors)")
    }

    private func program(_ script: String) throws {
        try work.scratch.write("bin/docker-credential-test", "#!/bin/sh\n\(script)\n")
        try Command(["chmod", "755", work.scratch["bin/docker-credential-test"].string]).succeed()
    }
}

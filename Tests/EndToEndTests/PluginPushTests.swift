import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// `varve plugin` with a tarball that is there already, against a registry that wants a user.
struct PluginPushTests {
    private let work: RegistryWorkplace
    private let registry: RealRegistry

    init() throws {
        work = try RegistryWorkplace(isSigned: false)
        registry = try RealRegistry(wantsUser: true)
    }

    private var login: [String] {
        [
            "PLUGIN_REGISTRY=\(registry.host)", "PLUGIN_USERNAME=\(RealRegistry.login.user)",
            "PLUGIN_PASSWORD=\(RealRegistry.login.password)",
        ]
    }

    private func push(_ tarball: String, _ variables: [String]) -> Command {
        work.varve(
            ["plugin", "docker"],
            variables: [
                "PLUGIN_PUSH_ONLY=true", "PLUGIN_SOURCE_TAR_PATH=\(tarball)",
                "PLUGIN_REPO=\(registry.host)/team/app", "PLUGIN_TAGS=1.0,next",
                "PLUGIN_ARTIFACT_FILE=made/artifact.json", "DRONE_OUTPUT=out.env",
            ] + variables)
    }

    @Test(arguments: ["oci-archive", "docker-archive"])
    func `a tarball is pushed as each tag, and the pipeline is told`(form: String) throws {
        try work.varve("copy", "oci:out:app-1.0", "\(form):app.tar:example.com/app:1.0", "-q").succeed()
        let outcome = try push("app.tar", login).succeed()
        let app = "\(registry.host)/team/app"
        #expect(outcome.line == work.digest)
        let artifact = try JSONValue(parsing: content(of: work.scratch["made/artifact.json"]))["data"]
        #expect(artifact?["registryUrl"]?.string == registry.host)
        #expect(artifact?["images"]?.array?.map { $0["image"]?.string } == ["\(app):1.0", "\(app):next"])
        #expect(artifact?["images"]?.array?.allSatisfy { $0["digest"]?.string == outcome.line } == true)
        #expect(try text(of: work.scratch["out.env"]) == "digest=\"\(outcome.line)\"\n")
        #expect(!"\(outcome.errors)\(outcome.text)".contains(RealRegistry.login.password))
        let keep = [
            "DOCKER_AUTH_CONFIG={\"auths\":{\"\(registry.host)\":{\"username\":\"user\",\"password\":\"secret\"}}}"
        ]
        for tag in ["1.0", "next"] {
            let pulled = try work.varve(["pull", "\(app):\(tag)", "oci:back:\(tag)", "-q"], variables: keep)
                .succeed()
            #expect(pulled.line == outcome.line)
        }
        // No login is left on the disk.
        #expect(!Machine.exists(work.scratch["home/.docker"]))
    }

    @Test func `a wrong password ends in the plugin's words, and nothing is told`() throws {
        try work.varve("copy", "oci:out:app-1.0", "docker-archive:app.tar:example.com/app:1.0", "-q")
            .succeed()
        let app = "\(registry.host)/team/app"
        let wrong = try push("app.tar", login.dropLast() + ["PLUGIN_PASSWORD=hunter2"]).run()
        #expect(wrong.status == 1)
        #expect(
            wrong.errors.contains(
                "failed to push image from tarball [app.tar] to destination [\(app):1.0 \(app):next]: "),
            "\(wrong.errors)")
        #expect(!wrong.errors.contains("hunter2"))
        #expect(!Machine.exists(work.scratch["made"]) && !Machine.exists(work.scratch["out.env"]))
    }

    @Test func `a configuration as a whole is a login, too, and a file has variables`() throws {
        try work.varve("copy", "oci:out:app-1.0", "docker-archive:app.tar:example.com/app:1.0", "-q")
            .succeed()
        try work.scratch.write(
            "env",
            "# a pipeline's\nPLUGIN_CONFIG='{\"auths\":{\"\(registry.host)\":{\"auth\":\"dXNlcjpzZWNyZXQ=\"}}}'\nPLUGIN_TAGS=other\n"
        )
        try push("app.tar", ["PLUGIN_ENV_FILE=env"]).succeed()
        let artifact = try JSONValue(parsing: content(of: work.scratch["made/artifact.json"]))["data"]
        // The environment's own tags count.
        #expect(artifact?["images"]?.array?.count == 2)
    }

    @Test(
        "settings that contradict one another are usage",
        arguments: [
            ("PLUGIN_NO_PUSH=true", "please define only one"),
            ("PLUGIN_INSECURE=maybe", "neither true nor false"),
        ])
    func usage(variable: String, reason: String) throws {
        try work.varve("copy", "oci:out:app-1.0", "docker-archive:app.tar:example.com/app:1.0", "-q")
            .succeed()
        let outcome = try push("app.tar", login + [variable]).run()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(reason), "\(outcome.errors)")
    }
}

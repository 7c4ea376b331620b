import OCI
import SystemPackage
import TestSupport
import Testing

/// A secret that reaches varve stays out of its provenance and its messages.
struct SecretTests {
    private static let canary = "c4naryC4NARYc4naryC4NARY"
    private static let token = "ghp_\(canary)"

    @Test(arguments: [
        ["--env", "API_TOKEN=\(canary)"], ["--env", "DB_PASSWORD=\(canary)"], ["--env", "X=\(token)"],
        ["--env", "URL=https://user:\(canary)@example.com/x"], ["--env", "OUTER_SECRET"],
        ["--label", "apiKey=\(canary)"], ["--label", "l=https://\(canary)@example.com"],
        ["--annotation", "password=\(canary)"], ["--annotation", "a=\(token)"],
        ["--source", "git+https://user:\(canary)@example.com/app@v1"],
        ["--source", "https://\(canary)@example.com/app"],
        ["--entrypoint", #"["app","https://u:\#(canary)@example.com"]"#], ["--cmd", "login \(token)"],
        ["--author", "https://u:\(canary)@example.com"], ["--workingdir", "/\(token)"],
        ["--builder-id", "https://user:\(canary)@ci.example.com"],
        ["--invocation-id", "https://u:\(canary)@x/1"],
        ["--invocation-id", token], ["--plugin", "tool=\(token)"],
        ["--plugin", "tool=https://u:\(canary)@example.com/v1"],
    ])
    func `a secret in a flag is in neither provenance nor messages`(flags: [String]) throws {
        let scratch = try tree()
        let outcome = try pack(scratch, flags).with("OUTER_SECRET", Self.canary).succeed()
        #expect(!outcome.errors.contains(Self.canary))
        #expect(!outcome.text.contains(Self.canary))
        #expect(try !text(of: scratch["p"]).contains(Self.canary))
    }

    @Test(arguments: [
        ["--source", "git+https://user:\(canary)@exa mple.com/"],
        ["--source", "ftp://u:\(canary)@example.com/x"],
        ["--plugin-image", "https://user:\(canary)@example.com/x"],
        ["--plugin-image", "user:\(canary)@example.com/X"], ["--plugin", "=\(token)"],
        ["--env", "=\(token)"], ["--label", "=\(token)"],
    ])
    func `a secret in a flag that is refused is in no message`(flags: [String]) throws {
        let scratch = try tree()
        let outcome = try pack(scratch, flags).run()
        #expect(outcome.status == 2)
        #expect(!outcome.errors.contains(Self.canary))
    }

    @Test(arguments: [
        ["DRONE": "1", "DRONE_REPO_LINK": "https://u:\(canary)@example.com/a"],
        ["DRONE": "1", "DRONE_GIT_HTTP_URL": "https://\(canary)@example.com/a.git"],
        ["DRONE": "1", "DRONE_BUILD_LINK": "https://u:\(canary)@drone.example.com/9"],
        ["GITHUB_ACTIONS": "1", "GITHUB_SERVER_URL": "https://u:\(canary)@gh", "GITHUB_REPOSITORY": "a/b"],
        ["GITHUB_ACTIONS": "1", "GITHUB_TOKEN": token, "ACTIONS_RUNTIME_TOKEN": canary],
        ["GITLAB_CI": "1", "CI_PROJECT_URL": "https://gitlab-ci-token:\(canary)@gitlab.com/a/b"],
        ["GITLAB_CI": "1", "CI_JOB_TOKEN": canary, "CI_REGISTRY_PASSWORD": canary],
        ["AWS_SECRET_ACCESS_KEY": canary, "COSIGN_PASSWORD": canary, "PLUGIN_PASSWORD": canary],
    ])
    func `a secret in the environment is in neither provenance nor messages`(variables: [String: String])
        throws
    {
        let scratch = try tree()
        let command = pack(scratch, []).withoutPipeline()
        let outcome = try variables.reduce(command) { $0.with($1.key, $1.value) }.succeed()
        #expect(!outcome.errors.contains(Self.canary))
        #expect(try !text(of: scratch["p"]).contains(Self.canary))
    }

    @Test func `a secret is recorded by its name`() throws {
        let scratch = try tree()
        try pack(scratch, ["--env", "API_TOKEN=\(Self.canary)", "--label", "password=\(Self.canary)"])
            .succeed()
        let external = try JSONValue(parsing: content(of: scratch["p"]))["predicate"]?["buildDefinition"]?[
            "externalParameters"]
        #expect(external?["parameters"]?["env"] == ["API_TOKEN": "redacted"])
        #expect(external?["parameters"]?["label"] == ["password": "redacted"])
        #expect(external?["buildMetadata"]?["labels"] == ["password": "redacted"])
    }

    @Test(arguments: [
        (["--env", "API_TOKEN=x"], "the environment variable API_TOKEN"),
        (["--env", "X=\(token)"], "the environment variable X"),
        (["--label", "db.password=x"], "the label db.password"),
    ])
    func `a secret that the image itself shows brings a warning`(flags: [String], name: String) throws {
        let scratch = try tree()
        let outcome = try pack(scratch, flags).succeed()
        let warnings = outcome.errors.split(separator: "\n").filter { $0.contains("looks like a secret") }
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains(name) == true)
    }

    @Test func `a build warns of what its image shows, too`() throws {
        let place = try BuildWorkplace(withBase: false)
        try place.write("FROM scratch\nENV API_TOKEN=x KEYBOARD=us\nLABEL db.password=x author=me")
        let outcome = try place.varve(
            "build", "context", "-o", "oci:out:new", "--label", "ssh.password=x"
        ).succeed()
        let warnings = outcome.errors.split(separator: "\n").filter { $0.contains("looks like a secret") }
        #expect(warnings.count == 3)
        for name in ["environment variable API_TOKEN", "label db.password", "label ssh.password"] {
            #expect(warnings.contains { $0.contains("the \(name) ") })
        }
    }

    @Test(arguments: [["--env", "KEYBOARD=us"], ["--env", "PATH=/bin"], ["--label", "author=me"]])
    func `what only sounds like a secret brings none`(flags: [String]) throws {
        let scratch = try tree()
        #expect(try !pack(scratch, flags).succeed().errors.contains("secret"))
    }

    private func tree() throws -> Scratch {
        let scratch = try Scratch()
        try scratch.write("tree/file", "content")
        return scratch
    }

    private func pack(_ scratch: Scratch, _ flags: [String]) -> Command {
        Command(
            [Command.varvePath.string, "pack", "tree", "-o", "oci:out:app", "--provenance", "p"] + flags
        ).at(scratch.path)
    }
}

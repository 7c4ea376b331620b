import Cryptography
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// `varve login` and `varve logout`.
struct RegistryLoginTests {
    private let work: RegistryWorkplace
    private let registry: RealRegistry
    private var home: FilePath { work.scratch["home/.docker/config.json"] }
    private static let user = RealRegistry.login.user
    private static let password = RealRegistry.login.password

    init() throws {
        work = try RegistryWorkplace(isSigned: false)
        registry = try RealRegistry(wantsUser: true)
    }

    private func login(_ password: String = password, _ words: [String] = [], variables: [String] = []) throws
        -> Command
    {
        let file = try work.scratch.write("password", password + "\n")
        return work.varve(
            ["login", registry.host, "-u", Self.user, "--password-stdin"] + words, variables: variables
        ).reading(file)
    }

    private func push(variables: [String] = []) -> Command {
        work.varve(["push", "oci:out:app-1.0", "\(registry.host)/app:1", "-q"], variables: variables)
    }

    @Test func `a login is kept for its owner alone, and used, until the logout`() throws {
        let outcome = try login().succeed()
        #expect(outcome.errors.contains(home.string), "\(outcome.errors)")
        #expect(!"\(outcome.errors)\(outcome.text)".contains(Self.password))
        let status = try Directory.open(home.removingLastComponent()).status(of: FileName("config.json".utf8))
        #expect(status.permissions == 0o600)
        let entry = try JSONValue(parsing: content(of: home))["auths"]?[registry.host]?["auth"]?.string
        #expect(entry == Base64.text(of: Array("\(Self.user):\(Self.password)".utf8)))
        try push().succeed()
        #expect(try work.varve("logout", registry.host).succeed().errors == "login removed\n")
        #expect(try JSONValue(parsing: content(of: home))["auths"]?[registry.host] == nil)
        #expect(try push().run().status == 1)
        #expect(try work.varve("logout", registry.host).succeed().errors == "there was no login\n")
    }

    @Test func `skopeo uses what varve kept, and the other way round`() throws {
        try Requirement.program("skopeo")
        try login().succeed()
        try push().succeed()
        let inspect = ["inspect", "--raw", "--tls-verify=false", "docker://\(registry.host)/app:1"]
        try work.skopeo(inspect + ["--authfile", home.string]).succeed()
        try work.varve("logout", registry.host).succeed()
        try work.skopeo([
            "login", "--tls-verify=false", "--authfile", work.scratch["auth.json"].string, "-u",
            Self.user, "-p", Self.password, registry.host,
        ]).succeed()
        try push(variables: ["REGISTRY_AUTH_FILE=\(work.scratch["auth.json"])"]).succeed()
    }

    @Test func `a wrong password is kept nowhere, and shown nowhere`() throws {
        try work.scratch.write(
            "home/.docker/config.json", #"{"auths":{"other.example.com":{"auth":"YTpi"}}}"#)
        let before = try text(of: home)
        let outcome = try login("c4nary").run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(registry.host), "\(outcome.errors)")
        #expect(!outcome.errors.contains("c4nary"))
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(try text(of: home) == before)
    }

    @Test func `what else is in the file stays`() throws {
        try work.scratch.write(
            "home/.docker/config.json",
            #"{"auths":{"other.example.com":{"auth":"YTpi"}},"psFormat":"x","HttpHeaders":{"A":"b"}}"#)
        try login().succeed()
        let document = try JSONValue(parsing: content(of: home))
        #expect(document["auths"]?["other.example.com"] == ["auth": "YTpi"])
        #expect(document["psFormat"] == "x")
        #expect(document["HttpHeaders"] == ["A": "b"])
        #expect(document["auths"]?[registry.host] != nil)
    }

    @Test(arguments: [
        ("DOCKER_CONFIG", "elsewhere", "elsewhere/config.json"),
        ("REGISTRY_AUTH_FILE", "elsewhere/auth.json", "elsewhere/auth.json"),
    ])
    func `a variable names another file`(name: String, value: String, file: String) throws {
        let variables = ["\(name)=\(work.scratch[value])"]
        let outcome = try login(variables: variables).succeed()
        #expect(outcome.errors.contains(work.scratch[file].string))
        #expect(try text(of: work.scratch[file]).contains(registry.host))
        #expect((try? content(of: home)) == nil)
        try push(variables: variables).succeed()
        #expect(try push().run().status == 1)
    }

    @Test func `a credential program gets the login, and the file has none`() throws {
        try makeProgram("store")
        try work.scratch.write("home/.docker/config.json", #"{"credsStore":"test"}"#)
        let outcome = try login().succeed()
        #expect(outcome.errors.contains("docker-credential-test"), "\(outcome.errors)")
        #expect(try !text(of: home).contains("auths\":{\"\(registry.host)"))
        #expect(try text(of: work.scratch["store"]).contains(Self.password))
        try push().succeed()
        try work.varve("logout", registry.host).succeed()
        #expect((try? content(of: work.scratch["store"])) == nil)
        #expect(try push().run().status == 1)
    }

    @Test(arguments: [
        (["x"], "https://exa mple.com", Int32(2), "https://"), (["x"], "EXAMPLE..com/", 2, "registry"),
        ([""], "HOST", 1, "password"),
    ])
    func `what cannot be kept is refused`(lines: [String], name: String, status: Int32, text: String) throws {
        let file = try work.scratch.write("password", lines.joined(separator: "\n"))
        let host = name == "HOST" ? registry.host : name
        let outcome = try work.varve("login", host, "-u", "user", "--password-stdin").reading(file).run()
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(text), "\(outcome.errors)")
        #expect((try? content(of: home)) == nil)
    }

    @Test func `a token's registry is logged in to`() throws {
        let registry = try FaultyRegistry(access: .token(user: "user", password: "secret"))
        let file = try work.scratch.write("password", "secret")
        try work.varve("login", registry.host, "-u", "user", "--password-stdin", "-q").reading(file).succeed()
        try work.varve("push", "oci:out:app-1.0", "\(registry.host)/app:1", "-q").succeed()
        let wrong = try work.scratch.write("password", "wrong")
        let outcome = try work.varve("login", registry.host, "-u", "user", "--password-stdin").reading(wrong)
            .run()
        #expect(outcome.status == 1)
        try work.varve("pull", "\(registry.host)/app:1", "oci:base:x", "-q").succeed()
    }

    /// A credential program `test` that keeps one login in a file.
    private func makeProgram(_ name: String) throws {
        try work.scratch.write(
            "bin/docker-credential-test",
            """
            #!/bin/sh
            file='\(work.scratch[name])'
            case $1 in
            store) cat >"$file" ;;
            get) cat >/dev/null; cat "$file" 2>/dev/null || { echo 'credentials not found in native keychain'; exit 1; } ;;
            erase) cat >/dev/null; rm -f "$file" ;;
            esac
            """)
        try Command(["chmod", "755", work.scratch["bin/docker-credential-test"].string]).succeed()
    }
}

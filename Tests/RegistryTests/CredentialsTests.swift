import Cryptography
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Registry

struct CredentialsTests {
    private let scratch: Scratch
    private var environment: [String: String]

    init() throws {
        scratch = try Scratch()
        environment = ["HOME": scratch["home"].string, "XDG_RUNTIME_DIR": scratch["run"].string]
    }

    @Test func `each place comes before the next`() throws {
        var environment = environment
        environment["REGISTRY_AUTH_FILE"] = scratch["named.json"].string
        let places = AuthFilePlaces(environment: environment, user: 1)
        var credentials = Credentials(places: places)
        #expect(try credentials.find(registry: "h.example").credential == .anonymous)
        for (name, user) in [
            ("home/.config/containers/auth.json", "4"), ("run/containers/auth.json", "3"),
            ("home/.docker/config.json", "2"), ("named.json", "1"),
        ] {
            try scratch.write(name, #"{"auths":{"h.example":{"username":"\#(user)","password":"p"}}}"#)
            let found = try credentials.find(registry: "h.example", repository: "a")
            #expect(found.credential == .basic(user: user, password: try SecretBytes("p")))
            #expect(found.source == scratch[name].string)
        }
        var variables = CredentialVariables()
        variables.set(
            "DOCKER_AUTH_CONFIG", try SecretBytes(#"{"auths":{"h.example":{"registrytoken":"t"}}}"#))
        #expect(
            try Credentials(variables: variables, places: places).find(registry: "h.example").source
                == "DOCKER_AUTH_CONFIG")
        variables.set("VARVE_H_EXAMPLE_USER", try SecretBytes("v"))
        variables.set("VARVE_H_EXAMPLE_PASSWORD", try SecretBytes("w"))
        credentials = Credentials(variables: variables, places: places)
        #expect(
            try credentials.find(registry: "h.example", repository: "a").credential
                == .basic(user: "v", password: try SecretBytes("w")))
        credentials.give(.registryToken(try SecretBytes("x")), for: AuthKey(parsing: "https://h.example/"))
        #expect(try credentials.find(registry: "h.example", repository: "a").source == "the command line")
        #expect(try credentials.find(registry: "z.example", repository: "a").credential == .anonymous)
    }

    @Test(arguments: [
        ("registry.example.com", "KANIKO_REGISTRY_EXAMPLE_COM", true),
        ("my-registry.example.com:5000", "KANIKO_MY_REGISTRY_EXAMPLE_COM_5000", true),
        ("a.b.example.com", "KANIKO_EXAMPLE_COM", true), ("a.example.com", "KANIKO_COM", false),
        ("other.example.org", "KANIKO_EXAMPLE_COM", false),
    ]) func `variables of Kaniko's fork are logins, also for hosts below theirs`(
        registry: String, prefix: String, isFound: Bool
    ) throws {
        var variables = CredentialVariables()
        variables.set("\(prefix)_USER", try SecretBytes("u"))
        variables.set("\(prefix)_PASSWORD", try SecretBytes("p"))
        let places = AuthFilePlaces(environment: environment, user: 1)
        let found = try Credentials(variables: variables, places: places).find(registry: registry)
        #expect((found.source == "\(prefix)_USER") == isFound)
    }

    @Test func `what a caller gives comes before all others, and a single login before a document`() throws {
        try scratch.write(
            "home/.docker/config.json",
            #"{"auths":{"h.example":{"username":"file","password":"p"},"f.example":{"username":"f","password":"p"}}}"#
        )
        var variables = CredentialVariables()
        variables.set("VARVE_H_EXAMPLE_USER", try SecretBytes("v"))
        variables.set("VARVE_H_EXAMPLE_PASSWORD", try SecretBytes("w"))
        var credentials = Credentials(
            variables: variables, places: AuthFilePlaces(environment: environment, user: 1))
        try credentials.give(
            document: SecretBytes(#"{"auths":{"h.example":{"username":"d","password":"p"}}}"#),
            named: "SETTING")
        credentials.give(
            .basic(user: "g", password: try SecretBytes("p")),
            for: AuthKey(registry: "h.example", path: "a/b"),
            from: "SINGLE")
        #expect(try credentials.find(registry: "h.example", repository: "a/b/c").source == "SINGLE")
        #expect(try credentials.find(registry: "h.example", repository: "a").source == "SETTING")
        let file = scratch["home/.docker/config.json"].string
        #expect(try credentials.find(registry: "f.example", repository: "a").source == file)
        #expect(throws: CredentialError.malformed("OTHER", reason: "it is no JSON object")) {
            try credentials.give(document: SecretBytes("[]"), named: "OTHER")
        }
    }

    @Test(
        "files are where others look for them",
        arguments: [
            (
                ["HOME": "/h"],
                ["/h/.docker/config.json", "/run/containers/7/auth.json", "/h/.config/containers/auth.json"],
                "/h/.docker/config.json"
            ),
            (
                ["HOME": "/h", "DOCKER_CONFIG": "/d", "XDG_RUNTIME_DIR": "/r", "XDG_CONFIG_HOME": "/c"],
                ["/d/config.json", "/r/containers/auth.json", "/c/containers/auth.json"], "/d/config.json"
            ),
            (["REGISTRY_AUTH_FILE": "/f", "HOME": ""], ["/f", "/run/containers/7/auth.json"], "/f"),
            ([:], ["/run/containers/7/auth.json"], nil),
        ] as [([String: String], [String], String?)])
    func places(environment: [String: String], paths: [String], login: String?) {
        let places = AuthFilePlaces(environment: environment, user: 7)
        #expect(places.all.map(\.path.string) == paths)
        #expect(places.login?.string == login)
    }

    @Test
    func `a file that is broken is an error that names it, and one that is closed only where it was named`()
        throws
    {
        let file = try scratch.write("home/.docker/config.json", "{")
        let credentials = Credentials(places: AuthFilePlaces(environment: environment, user: 1))
        #expect(throws: CredentialError.malformed(file.string, reason: "no JSON from line 1, byte 2 on")) {
            try credentials.find(registry: "h.example")
        }
        try scratch.write("home/.docker/config.json", "{}")
        _ = try scratch.directory("run/containers/auth.json")
        #expect(
            throws: CredentialError.malformed(
                scratch["run/containers/auth.json"].string, reason: "it is no regular file")
        ) {
            try credentials.find(registry: "h.example")
        }
    }

    @Test func `a named file that may not be read is an error, and another one is passed over`() async throws
    {
        let file = try scratch.write("home/.docker/config.json", "{}")
        chmod(file.string, 0)
        await #expect(processExitsWith: .success) {
            [
                path = file.string as String, home = scratch["home"].string as String
            ] in
            // Root reads everything.
            if getuid() == 0 { precondition(setuid(65534) == 0) }
            let unnamed = AuthFilePlaces(environment: ["HOME": home], user: 1)
            let found = try Credentials(places: unnamed).find(registry: "h")
            precondition(found.source == "")
            let named = AuthFilePlaces(environment: ["REGISTRY_AUTH_FILE": path], user: 1)
            let error = Result { try Credentials(places: named).find(registry: "h") }
            guard case .failure(let error as FileError) = error, error.errno == .permissionDenied else {
                preconditionFailure("read")
            }
        }
    }

    @Test(
        "a registry's variables have its name",
        arguments: [
            ("registry.example.com", "VARVE_REGISTRY_EXAMPLE_COM"), ("h:5000", "VARVE_H_5000"),
            ("my-registry.example.com", "VARVE_MY__REGISTRY_EXAMPLE_COM"), ("docker.io", "VARVE_DOCKER_IO"),
            ("index.docker.io", "VARVE_DOCKER_IO"), ("[::1]:5000", "VARVE____1__5000"),
        ])
    func names(registry: String, prefix: String) {
        #expect(CredentialVariables.prefix(of: registry) == prefix)
    }

    @Test func `half a login is an error, an empty one is none`() throws {
        var variables = CredentialVariables()
        variables.set("VARVE_H_USER", try SecretBytes(""))
        variables.set("VARVE_H_PASSWORD", try SecretBytes(""))
        #expect(try variables.credential(for: "h")?.source == nil)
        variables.set("VARVE_H_USER", try SecretBytes("u"))
        #expect(
            throws: CredentialError.incompleteVariables(missing: "VARVE_H_PASSWORD", present: "VARVE_H_USER")
        ) {
            try variables.credential(for: "h")
        }
    }

    @Test(
        "variables with credentials are known by their names",
        arguments: [
            ("DOCKER_AUTH_CONFIG", true), ("VARVE_H_USER", true), ("VARVE_H_PASSWORD", true),
            ("VARVE_SIGN_KEY", false),
            ("VARVE_PASSWORD", false), ("VARVE__PASSWORD", false), ("KANIKO_H_PASSWORD", true),
            ("HOME", false),
        ])
    func isCredential(name: String, isOne: Bool) { #expect(CredentialVariables.isCredential(name) == isOne) }
}

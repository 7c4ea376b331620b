import Cryptography
import Linux
import Registry
import SystemPackage
import TestSupport
import Testing

@testable import Build

/// Who logs in where, by what settings say.
@Suite struct PluginLoginsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.write("Dockerfile", "FROM scratch\n")
    }

    private func secret(_ text: String) throws -> SecretBytes { try SecretBytes(Array(text.utf8).span) }

    /// What a registry is shown, `user:password`, or nothing; and what the user is told.
    private func shown(
        _ kind: PluginKind, _ texts: [String: String], _ secrets: [String: String] = [:],
        at registry: String, _ repository: String = "a/b", programs: [FilePath]? = nil
    ) throws -> (login: String?, notes: [String]) {
        let variables = PluginVariables(
            ["PLUGIN_REPO": "a/b"].merging(texts) { $1 }, secrets: try secrets.mapValues(secret))
        var notes: [String] = []
        var access = PluginLogins(try PluginSettings(kind, variables, in: scratch.path), variables) {
            notes.append($0)
        }
        access.programs = programs
        var credentials = Credentials(places: AuthFilePlaces(environment: [:], user: 1))
        try access.logIn().give(to: &credentials)
        let found = try credentials.find(registry: registry, repository: repository)
        guard case .basic(let user, let password) = found.credential else { return (nil, notes) }
        return ("\(user):\(password.text)", notes)
    }

    @Test func `user and password are for the registry, which is Docker Hub's without one`() throws {
        let texts = ["PLUGIN_USERNAME": "u"]
        #expect(try shown(.docker, texts, ["PLUGIN_PASSWORD": "p"], at: "docker.io").login == "u:p")
        #expect(try shown(.docker, texts, ["PLUGIN_PASSWORD": "p"], at: "r.example.com").login == nil)
        for registry in ["r.example.com", "https://r.example.com/v2/", "https://R.example.com"] {
            let own = texts.merging(["PLUGIN_REGISTRY": registry, "PLUGIN_REPO": "r.example.com/a"]) { $1 }
            let found = try shown(.docker, own, ["PLUGIN_PASSWORD": "p"], at: "r.example.com")
            #expect(found.login == "u:p")
            #expect(found.notes == [])
            #expect(try shown(.docker, own, ["PLUGIN_PASSWORD": "p"], at: "docker.io").login == nil)
        }
        #expect(try shown(.docker, [:], at: "docker.io").login == nil)
    }

    @Test func `a login that is not for the image's registry is told`() throws {
        let texts = ["PLUGIN_USERNAME": "u", "PLUGIN_REGISTRY": "r.example.com"]
        let found = try shown(.docker, texts, ["PLUGIN_PASSWORD": "p"], at: "docker.io")
        #expect(found.login == nil)
        #expect(found.notes.count == 1)
        #expect(found.notes[0].hasPrefix("the login is for r.example.com, and the image goes to docker.io; "))
    }

    @Test func `half a login is an error`() {
        #expect(throws: PluginError.self) { try shown(.docker, ["PLUGIN_USERNAME": "u"], at: "docker.io") }
        #expect(throws: PluginError.self) {
            try shown(.docker, [:], ["PLUGIN_PASSWORD": "p"], at: "docker.io")
        }
        #expect(throws: PluginError.self) {
            try shown(.docker, ["PLUGIN_BASE_IMAGE_REGISTRY": "b", "DOCKER_USERNAME": "u"], at: "docker.io")
        }
    }

    @Test(
        "base images have a login of their own, under several names",
        arguments: [
            ("PLUGIN_DOCKER_REGISTRY", "PLUGIN_DOCKER_USERNAME", "PLUGIN_DOCKER_PASSWORD"),
            ("PLUGIN_BASE_IMAGE_REGISTRY", "PLUGIN_BASE_IMAGE_USERNAME", "PLUGIN_BASE_IMAGE_PASSWORD"),
            ("DOCKER_REGISTRY", "DOCKER_USERNAME", "DOCKER_PASSWORD"),
        ])
    func base(registry: String, user: String, password: String) throws {
        for kind in PluginKind.allCases where kind != .acr && kind != .ecr {
            let texts = [
                registry: "https://b.example.com/v2/", user: "bu", "PLUGIN_REGISTRY": "r.example.com",
            ]
            #expect(
                try shown(kind, texts, [password: "bp"], at: "b.example.com", "library/base").login == "bu:bp"
            )
        }
        #expect(try shown(.docker, [user: "bu"], [password: "bp"], at: "docker.io").login == nil)
    }

    @Test func `in one registry the image's repositories have its login, and base images theirs`() throws {
        let texts = [
            "PLUGIN_USERNAME": "u", "DOCKER_REGISTRY": "index.docker.io", "DOCKER_USERNAME": "bu",
            "PLUGIN_ENABLE_CACHE": "true", "PLUGIN_CACHE_REPO": "a/cache",
        ]
        let secrets = ["PLUGIN_PASSWORD": "p", "DOCKER_PASSWORD": "bp"]
        #expect(try shown(.docker, texts, secrets, at: "docker.io", "a/b").login == "u:p")
        #expect(try shown(.docker, texts, secrets, at: "docker.io", "a/cache").login == "u:p")
        #expect(try shown(.docker, texts, secrets, at: "docker.io", "library/debian").login == "bu:bp")
    }

    @Test func `a configuration as a whole stands for all the rest`() throws {
        let config = #"{"auths":{"r.example.com":{"username":"cu","password":"cp"}}}"#
        let texts = ["PLUGIN_USERNAME": "u", "DOCKER_REGISTRY": "b.example.com", "DOCKER_USERNAME": "bu"]
        let secrets = ["PLUGIN_PASSWORD": "p", "DOCKER_PASSWORD": "bp", "PLUGIN_CONFIG": config]
        #expect(try shown(.docker, texts, secrets, at: "r.example.com").login == "cu:cp")
        #expect(try shown(.docker, texts, secrets, at: "docker.io").login == nil)
        #expect(try shown(.docker, texts, secrets, at: "b.example.com").login == nil)
        let error = #expect(throws: CredentialError.self) {
            try shown(.docker, texts, ["PLUGIN_CONFIG": "{hunter2"], at: "docker.io")
        }
        #expect(error?.description.hasPrefix("PLUGIN_CONFIG holds no credentials that can be read") == true)
    }

    @Test(arguments: [PluginKind.gcr, .gar])
    func `Google's key is a password, in base64 or not`(kind: PluginKind) throws {
        let key = "\n{\"type\": \"service_account\"}\n"
        let texts = ["PLUGIN_REGISTRY": "eu-docker.pkg.dev"]
        let base64 = Base64.text(of: Array(key.utf8))
        for text in [key, base64, base64.prefix(8) + "\n" + base64.dropFirst(8) + "\n"] {
            let found = try shown(kind, texts, ["PLUGIN_JSON_KEY": text], at: "eu-docker.pkg.dev")
            #expect(found.login == "_json_key:\(key)")
        }
        let without = try shown(kind, texts, at: "eu-docker.pkg.dev")
        #expect(without.login == nil)
        #expect(without.notes.map { $0.hasPrefix("PLUGIN_JSON_KEY is not set") } == [true])
        for text in ["key.json", "eA==", "%"] {
            #expect(throws: PluginError.self) {
                try shown(kind, texts, ["PLUGIN_JSON_KEY": text], at: "eu-docker.pkg.dev")
            }
        }
    }

    @Test func `Amazon's user and password are those of base images`() throws {
        let texts = [
            "PLUGIN_REGISTRY": "1.dkr.ecr.eu-west-1.amazonaws.com", "PLUGIN_USERNAME": "bu",
            "DOCKER_REGISTRY": "docker.io", "DOCKER_USERNAME": "other",
        ]
        let found = try shown(
            .ecr, texts, ["PLUGIN_PASSWORD": "bp"], at: "docker.io", programs: [scratch.path])
        #expect(found.login == "bu:bp")
        #expect(found.notes.map { $0.hasPrefix("PLUGIN_ACCESS_KEY is not set") } == [true])
    }

    @Test func `an Azure client needs a tenant and a secret, and one of Azure's registries`() throws {
        let texts = ["PLUGIN_REGISTRY": "x.azurecr.io", "CLIENT_ID": "c"]
        func words(_ texts: [String: String], _ secrets: [String: String] = [:]) -> String {
            let error = #expect(throws: PluginError.self) {
                try shown(.acr, texts, secrets, at: "x.azurecr.io")
            }
            return error.map { "\($0)" } ?? ""
        }
        #expect(words(texts).hasPrefix("PLUGIN_TENANT_ID: "))
        let tenant = texts.merging(["TENANT_ID": "t"]) { $1 }
        #expect(words(tenant).hasPrefix("PLUGIN_CLIENT_SECRET: "))
        #expect(words(tenant, ["CLIENT_CERTIFICATE": "x"]).contains("certificate is not enough"))
        let other = tenant.merging(["PLUGIN_REGISTRY": "x.azurecr.io.example.com"]) { $1 }
        #expect(words(other, ["CLIENT_SECRET": "s"]).hasPrefix("PLUGIN_REGISTRY: "))
        let plain = tenant.merging(["AZURE_AUTHORITY_HOST": "http://login.example.com"]) { $1 }
        #expect(words(plain, ["CLIENT_SECRET": "s"]).hasPrefix("AZURE_AUTHORITY_HOST: "))
        #expect(try shown(.acr, ["PLUGIN_REGISTRY": "x.azurecr.io"], at: "x.azurecr.io").notes.count == 1)
        let built = texts.merging(["PLUGIN_NO_PUSH": "true"]) { $1 }
        #expect(try shown(.acr, built, at: "x.azurecr.io").notes == [])
    }
}

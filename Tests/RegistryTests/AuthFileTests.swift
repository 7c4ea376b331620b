import Cryptography
import Testing

@testable import Registry

struct AuthKeyTests {
    @Test(
        "every way to write a registry is one key",
        arguments: [
            ("https://index.docker.io/v1/", "docker.io"), ("index.docker.io", "docker.io"),
            ("docker.io", "docker.io"), ("registry-1.docker.io", "docker.io"),
            ("https://index.docker.io/v2/", "docker.io"),
            ("https://registry.hub.docker.com", "docker.io"),
            ("http://host.example:5000", "host.example:5000"), ("HTTPS://Host.Example/", "host.example"),
            ("https://host.example/v1/users/", "host.example"), ("host.example/v2/", "host.example"),
            ("host.example/v1", "host.example"), ("host.example", "host.example"),
            ("host.example/team", "host.example/team"), ("host.example/team/app/", "host.example/team/app"),
            ("https://host.example/team", "host.example"),
            ("docker.io/library/debian", "docker.io/library/debian"),
            ("[::1]:5000/a", "[::1]:5000/a"), ("", ""), ("/", ""), ("https://", ""),
        ])
    func normalises(text: String, key: String) { #expect(AuthKey(parsing: text).description == key) }

    @Test func `a repository's key has those above it behind it`() {
        let key = AuthKey(registry: "Index.Docker.IO", path: "a/b/c")
        #expect(
            key.ancestors.map(\.description) == [
                "docker.io/a/b/c", "docker.io/a/b", "docker.io/a", "docker.io",
            ])
        #expect(AuthKey(registry: "docker.io").server == "https://index.docker.io/v1/")
        #expect(AuthKey(registry: "h:5").server == "h:5")
    }
}

struct AuthFileTests {
    /// `user:secret`.
    private static let pair = "dXNlcjpzZWNyZXQ="

    @Test(
        "an entry says who a client is",
        arguments: [
            (#"{"auth":"\#(pair)"}"#, "user secret"), (#"{"username":"u","password":"p"}"#, "u p"),
            (#"{"username":"u","password":"p","auth":"\#(pair)"}"#, "u p"), (#"{"username":"u"}"#, "u "),
            (#"{"identitytoken":"t"}"#, "identity t"), (#"{"registrytoken":"t"}"#, "registry t"),
            (#"{"auth":"MDAwMDo=","identitytoken":"t"}"#, "identity t"),
            (#"{"username":"<token>","password":"t"}"#, "identity t"),
            (#"{"auth":"dXNl\ncjpzZWNy\r\nZXQ="}"#, "user secret"),
            (#"{"auth":"dXNlcjphOmI6"}"#, "user a:b:"),
            (#"{"auth":"dXNlcjpzZWNyZXQAAAA="}"#, "user secret"), (#"{"auth":"dXNlcjo="}"#, "user "),
            (#"{}"#, "nothing"), (#"{"auth":""}"#, "nothing"), (#"{"auth":null,"email":"a@b"}"#, "nothing"),
            (#"{"auth":"!"}"#, "auth in the entry for h.example is not USER:PASSWORD in base64"),
            (#"{"auth":"dXNlcg=="}"#, "auth in the entry for h.example is not USER:PASSWORD in base64"),
            (#"{"auth":"OnA="}"#, "auth in the entry for h.example is not USER:PASSWORD in base64"),
            (#"{"auth":1}"#, "auth in the entry for h.example is no string"),
            ("7", "the entry for h.example is no object"),
        ])
    func entry(json: String, expected: String) {
        #expect(Self.found(#"{"auths":{"h.example":\#(json)}}"#, "h.example") == expected)
    }

    @Test(
        "the entry with the longest path is taken, however its key is written",
        arguments: [
            ("h.example", "a/b/c", "exact"), ("h.example", "a/b", "ab"), ("h.example", "a/bc", "a"),
            ("h.example", "z", "host"), ("h.example", "", "host"), ("h.example:1", "a", "nothing"),
            ("other.example", "a", "url"), ("docker.io", "library/debian", "hub"),
            ("docker.io", "team/app", "team"),
        ])
    func longest(registry: String, repository: String, user: String) {
        func entry(_ user: String) -> String { #"{"username":"\#(user)"}"# }
        let text = """
            {"auths":{"h.example":\(entry("host")),"h.example/a":\(entry("a")),"h.example/a/b/":\(entry("ab")),
             "h.example/a/b/c":\(entry("exact")),"https://other.example/v1/":\(entry("url")),
             "https://index.docker.io/v1/":\(entry("hub")),"docker.io/team":\(entry("team"))}}
            """
        #expect(Self.found(text, registry, repository).split(separator: " ").first.map(String.init) == user)
    }

    @Test func `of two keys for one registry the one that is written plainly counts`() {
        let text =
            #"{"auths":{"https://h.example":{"username":"u"},"h.example":{"username":"p"},"http://h.example":{}}}"#
        #expect(Self.found(text, "h.example") == "p ")
    }

    @Test(
        "programs stand before and behind entries",
        arguments: [
            (
                #"{"credHelpers":{"h.example":"x"},"auths":{"h.example":{"username":"u"}},"credsStore":"y"}"#,
                ["x@h.example", "u ", "y@h.example"]
            ),
            (#"{"credHelpers":{"https://index.docker.io/v1/":"x"},"credsStore":"y"}"#, ["y@h.example"]),
            (#"{"credHelpers":{"h.example":""},"credsStore":""}"#, []), (#"{"credHelpers":null}"#, []),
            ("{}", []),
            ("", []), (" \n", []), (#"{"auths":null}"#, []),
        ])
    func programs(text: String, expected: [String]) throws {
        let file = try AuthFile(parsing: Array(text.utf8), named: "f")
        #expect(try file.entries(for: AuthKey(registry: "h.example", path: "a")).map(Self.text) == expected)
    }

    @Test(
        "a document that is none is refused, and its content not repeated",
        arguments: [
            ("{", "no JSON from line 1, byte 2 on"), ("[]", "it is no JSON object"),
            (#"{"hunter2":1,"hunter2":2}"#, "no JSON from line 1, byte 14 on"),
            ("\u{FEFF}{}", "no JSON from line 1, byte 1 on"),
            (#"{"auths":[]}"#, "auths is no object"), (#"{"credHelpers":1}"#, "credHelpers is no object"),
            (#"{"credsStore":{}}"#, "credsStore is no string"),
            (
                #"{"credHelpers":{"h.example":[]}}"#,
                "credHelpers has something else than a program's name for h.example"
            ),
        ])
    func refuses(text: String, reason: String) { #expect(Self.found(text, "h.example") == reason) }

    private static func found(_ text: String, _ registry: String, _ repository: String = "") -> String {
        do {
            let file = try AuthFile(parsing: Array(text.utf8), named: "f")
            return try file.entries(for: AuthKey(registry: registry, path: repository)).first.map(Self.text)
                ?? "nothing"
        } catch CredentialError.malformed("f", let reason) {
            return reason
        } catch {
            return "\(error)"
        }
    }

    private static func text(_ entry: AuthFile.Entry) -> String {
        switch entry {
        case .program(let word, let server): "\(word)@\(server)"
        case .credential(.basic(let user, let password)): "\(user) \(password.text)"
        case .credential(.identityToken(let token)): "identity \(token.text)"
        case .credential(.registryToken(let token)): "registry \(token.text)"
        case .credential(.anonymous): "anonymous"
        }
    }
}

struct CredentialTests {
    @Test func `a credential is shown to registries, and to nobody else`() throws {
        let basic = Credential.basic(user: "user", password: try SecretBytes("hunter2"))
        #expect(basic.authorization == "Basic dXNlcjpodW50ZXIy")
        #expect(Credential.registryToken(try SecretBytes("t0ken")).authorization == "Bearer t0ken")
        #expect(Credential.identityToken(try SecretBytes("t0ken")).authorization == nil)
        #expect(Credential.anonymous.authorization == nil)
        var dumped = ""
        dump([basic, .registryToken(try SecretBytes("t0ken"))], to: &dumped)
        #expect(!"\(basic) \(String(reflecting: basic)) \(dumped)".contains("hunter2"))
        #expect(!dumped.contains("t0ken") && "\(basic)" == "user \"user\" and a password")
    }
}

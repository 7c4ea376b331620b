import Cryptography
import HTTP
import Registry
import TestSupport
import Testing

@testable import Build

/// With a server of the test's own in Azure's place.
@Suite struct AzureLoginTests {
    private func secret(_ text: String) throws -> SecretBytes { try SecretBytes(Array(text.utf8).span) }

    /// Answers by the path that is asked for.
    private func server(_ answers: [String: (status: String, body: String)]) throws -> LoopbackServer {
        try LoopbackServer { connection in
            while let request = try connection.receive() {
                let path = request.target.prefix { $0 != "?" }
                let (status, body) = answers[String(path)] ?? ("404 Not Found", "")
                try connection.send(
                    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
        }
    }

    private func login(at server: LoopbackServer, _ proof: AzureLogin.Proof) throws -> AzureLogin {
        let place = try URL(parsing: "http://127.0.0.1:\(server.port)")
        return AzureLogin(
            cloud: .init(authority: place, management: place, registry: place), host: "x.azurecr.io",
            tenant: "t/1", client: "c", proof: proof, backoff: Backoff(tries: 2, firstMilliseconds: 1))
    }

    private let good = [
        "/t%2F1/oauth2/v2.0/token": ("200 OK", #"{"access_token":"aad"}"#),
        "/oauth2/exchange": ("200 OK", #"{"refresh_token":"acr"}"#),
        "/subscriptions/s/resources": ("200 OK", #"{"value":[{"id":"/subscriptions/s/x"}]}"#),
    ]

    @Test func `a client's secret becomes a password of the registry`() throws {
        let server = try server(good)
        let login = try login(at: server, .secret(secret("hu sh&")))
        let session = try login.session()
        let user = "00000000-0000-0000-0000-000000000000"
        #expect(try session.credential == .basic(user: user, password: secret("acr")))
        let forms = server.requests.map { String(decoding: $0.body, as: UTF8.self) }
        let scope = "http%3A%2F%2F127.0.0.1%3A\(server.port)%2F.default"
        #expect(
            forms == [
                "client_id=c&scope=\(scope)&grant_type=client_credentials&client_secret=hu%20sh%26",
                "grant_type=access_token&service=x.azurecr.io&tenant=t%2F1&access_token=aad",
            ])
        #expect(server.requests.allSatisfy { $0.method == "POST" && !$0.target.contains("?") })
        #expect(
            try login.page(subscription: "s", session)
                == "https://portal.azure.com/#view/Microsoft_Azure_ContainerRegistries/TagMetadataBlade/registryId/%2Fsubscriptions%2Fs%2Fx"
        )
        #expect(server.requests.last?.header("Authorization") == "Bearer aad")
    }

    @Test func `a token of somebody else proves it, too`() throws {
        let server = try server(good)
        _ = try login(at: server, .assertion(secret("jwt"))).session()
        let form = String(decoding: server.requests[0].body, as: UTF8.self)
        #expect(
            form.hasSuffix(
                "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=jwt"
            ))
    }

    @Test(
        "what a server says stands in the error, and no secret",
        arguments: [
            (
                "/t%2F1/oauth2/v2.0/token", "401 Unauthorized",
                #"{"error":"invalid_client","error_description":"AADSTS7000215: wrong.\r\nTrace: x"}"#,
                "it answers 401: \"AADSTS7000215: wrong.\""
            ),
            ("/t%2F1/oauth2/v2.0/token", "302 Found", "", "it answers 302"),
            ("/t%2F1/oauth2/v2.0/token", "200 OK", "{}", "its answer has no access_token"),
            (
                "/t%2F1/oauth2/v2.0/token", "200 OK", #"{"access_token":"a b"}"#,
                "its answer has no access_token"
            ),
            (
                "/oauth2/exchange", "403 Forbidden", #"{"errors":[{"code":"DENIED","message":"no"}]}"#,
                "it answers 403: \"no\""
            ),
            ("/oauth2/exchange", "503 Busy", "", "it answers 503"),
            ("/oauth2/exchange", "200 OK", "hush", "it answers 200"),
        ])
    func refusals(path: String, status: String, body: String, reason: String) throws {
        let server = try server(good.merging([path: (status, body)]) { $1 })
        let login = try login(at: server, .secret(secret("hush")))
        let error = #expect(throws: CredentialError.self) { try login.session() }
        let words = "\(try #require(error))"
        #expect(words == "127.0.0.1:\(server.port) gave no credentials for x.azurecr.io: \(reason)")
    }

    @Test(
        "each cloud has its own places",
        arguments: [
            ("x.azurecr.io", "https://login.microsoftonline.com", "https://management.azure.com"),
            ("x.azurecr.cn", "https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn"),
            ("x.azurecr.us", "https://login.microsoftonline.us", "https://management.usgovcloudapi.net"),
        ])
    func clouds(host: String, authority: String, management: String) throws {
        let cloud = try AzureLogin.Cloud(of: host, authority: nil)
        #expect("\(cloud.authority.origin)" == authority)
        #expect("\(cloud.management.origin)" == management)
        #expect("\(cloud.registry.origin)" == "https://\(host)")
        let other = try AzureLogin.Cloud(of: host, authority: "https://login.example.com/")
        #expect("\(other.authority.origin)" == "https://login.example.com")
    }
}

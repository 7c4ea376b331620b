import Cryptography
import HTTP
import Linux
import OCI
import Registry

/// A login at Azure's registries: Entra gives a token to a client, and the registry a password for that.
///
/// Source: Microsoft, "OAuth 2.0 client credentials flow"; Azure Container Registry, "AAD OAuth", `oauth2/exchange`.
struct AzureLogin {
    /// What proves who the client is.
    enum Proof {
        case secret(SecretBytes)
        /// A token of somebody whom Entra trusts in this.
        case assertion(SecretBytes)
    }

    /// Whom a registry belongs to, and who is asked.
    struct Cloud: Equatable {
        /// Entra, which knows the client.
        var authority: URL
        /// What manages resources, and what the token is for.
        var management: URL
        /// The registry.
        var registry: URL

        private static let clouds = [
            (".azurecr.io", "https://login.microsoftonline.com", "https://management.azure.com"),
            (".azurecr.cn", "https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn"),
            (".azurecr.us", "https://login.microsoftonline.us", "https://management.usgovcloudapi.net"),
        ]

        /// The cloud of a registry's host.
        ///
        /// - Parameters:
        ///   - host: The registry's.
        ///   - authority: Another place to ask about the client.
        /// - Throws: ``PluginError/setting(_:_:)`` for a host that is not Azure's: a token would be given away there.
        init(of host: String, authority: String?) throws {
            guard let (_, usual, management) = Self.clouds.first(where: { host.hasSuffix($0.0) }) else {
                throw PluginError.setting(
                    "PLUGIN_REGISTRY", "\(host.quoted) is none of Azure's, such as example.azurecr.io")
            }
            registry = try URL(parsing: "https://\(host)")
            self.management = try URL(parsing: management)
            do {
                self.authority = try URL(parsing: authority ?? usual)
            } catch {
                throw PluginError.setting("AZURE_AUTHORITY_HOST", "\(error)")
            }
            guard self.authority.origin.scheme == .https else {
                throw PluginError.setting("AZURE_AUTHORITY_HOST", "a secret goes over https:// alone")
            }
        }

        /// For whoever knows the places.
        init(authority: URL, management: URL, registry: URL) {
            (self.authority, self.management, self.registry) = (authority, management, registry)
        }
    }

    /// The user of every password that is a token.
    private static let user = "00000000-0000-0000-0000-000000000000"
    private static let limit = 1 << 20

    let cloud: Cloud
    /// The registry's host, by which it is known.
    let host: String
    let tenant: String
    let client: String
    let proof: Proof
    var backoff = Backoff()

    /// Who is let in, and what he asks other servers with.
    struct Session {
        /// For the registry.
        let credential: Credential
        /// For what manages resources.
        fileprivate let token: SecretBytes
    }

    /// Logs in.
    ///
    /// - Throws: `CredentialError` with what a server said, `HTTPError`, `Interruption`.
    func session() throws -> Session {
        var fields = [
            ("client_id", client), ("scope", "\(cloud.management.origin)/.default"),
            ("grant_type", "client_credentials"),
        ]
        switch proof {
        case .secret(let secret): fields.append(("client_secret", secret.text))
        case .assertion(let token):
            let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            fields += [("client_assertion_type", type), ("client_assertion", token.text)]
        }
        let place = try cloud.authority.at(path: "/\(URL.encoded(tenant))/oauth2/v2.0/token")
        let token = try text("access_token", in: post(fields, to: place), place)
        let exchange = try cloud.registry.at(path: "/oauth2/exchange")
        let answer = try post(
            [("grant_type", "access_token"), ("service", host), ("tenant", tenant), ("access_token", token)],
            to: exchange)
        let password = try SecretBytes(text("refresh_token", in: answer, exchange))
        return Session(credential: .basic(user: Self.user, password: password), token: try SecretBytes(token))
    }

    /// The page at which a person finds the registry.
    ///
    /// - Throws: `CredentialError` with what the server said, `HTTPError`, `Interruption`.
    func page(subscription: String, _ session: Session) throws -> String {
        let name = host.prefix { $0 != "." }
        var place = try cloud.management.at(path: "/subscriptions/\(URL.encoded(subscription))/resources")
        place = place.adding(
            "$filter", "resourceType eq 'Microsoft.ContainerRegistry/registries' and name eq '\(name)'")
        place = place.adding("api-version", "2021-04-01").adding("$select", "id")
        let answer = try ask(
            Request(.get, place, headers: ["Authorization": "Bearer \(session.token.text)"]))
        guard let id = answer["value"]?.array?.first?["id"]?.string else {
            throw failure(place, "the subscription has no registry \(String(name).quoted)")
        }
        return
            "https://portal.azure.com/#view/Microsoft_Azure_ContainerRegistries/TagMetadataBlade/registryId/"
            + URL.encoded(id)
    }

    private func post(_ fields: [(String, String)], to place: URL) throws -> JSONValue {
        let form = fields.map { "\(URL.encoded($0.0))=\(URL.encoded($0.1))" }.joined(separator: "&")
        return try ask(
            Request(
                .post, place, headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(form.utf8)))
    }

    /// Asks as often as it takes; redirects are not followed, for what is sent is a secret.
    private func ask(_ request: Request) throws -> JSONValue {
        let connection = try Connection(ConnectionSettings(userAgent: "varve/\(Version.current)")) {
            try Interruption.check()
        }
        var failures = 0
        while true {
            do {
                let (response, body) = try connection.perform(request, limit: Self.limit)
                let answer = try? JSONValue(parsing: body)
                if response.isSuccess, let answer { return answer }
                let isBusy = response.status == 429 || response.status >= 500
                failures += 1
                guard isBusy, try backoff.pause(afterFailures: failures) else {
                    throw failure(request.url, Self.words(of: answer, response.status))
                }
            } catch let error as HTTPError {
                failures += 1
                guard error.isTransient, try backoff.pause(afterFailures: failures) else { throw error }
            }
        }
    }

    private static func words(of answer: JSONValue?, _ status: Int) -> String {
        let said =
            answer?["error_description"]?.string ?? answer?["error"]?.string
            ?? answer?["errors"]?.array?.first?["message"]?.string
        let line = said?.split(whereSeparator: \.isNewline).first.map { ": \(String($0).quoted)" }
        return "it answers \(status)" + (line ?? "")
    }

    private func text(_ member: String, in answer: JSONValue, _ place: URL) throws(CredentialError) -> String
    {
        let text = answer[member]?.string ?? ""
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw failure(place, "its answer has no \(member)")
        }
        return text
    }

    private func failure(_ place: URL, _ reason: String) -> CredentialError {
        .program(place.origin.authority, askedFor: host, reason: reason)
    }
}

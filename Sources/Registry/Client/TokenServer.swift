import Cryptography
import HTTP
import OCI

/// Asks the one who gives out a registry's tokens.
///
/// Source: CNCF distribution, "Token Authentication Specification" and "OAuth2 Token Authentication".
struct TokenServer: Sendable {
    private static let client = "varve"

    let registry: URL.Origin
    let backoff: Backoff

    /// Asks for a token.
    ///
    /// - Throws: ``RegistryError``, ``TokenError``, `HTTPError`.
    func ask(
        realm: String, service: String?, scopes: [Scope], credential: Credential, over client: RegistryClient
    ) throws -> TokenResponse {
        let url = try place(realm)
        if case .identityToken(let token) = credential {
            let form = Self.form(token, service: service, scopes: scopes)
            var ask = Ask(.post, url, [])
            ask.headers["Content-Type"] = "application/x-www-form-urlencoded"
            ask.body = Array(form.utf8)
            ask.limit = TokenResponse.limit
            // A form with a secret goes to the place that was named, and is not sent on.
            let answer = try asking(url, client) {
                try client.exchange(ask, authorization: nil, followsRedirects: false)
            }
            if answer.response.isSuccess { return try Self.response(answer) }
            // Servers without OAuth2 do not know the method.
            guard [404, 405].contains(answer.status) else { throw refusal(answer) }
            return try get(
                url, service, scopes, .basic(user: Credential.tokenUser, password: token), over: client)
        }
        return try get(url, service, scopes, credential, over: client)
    }

    private func get(
        _ url: URL, _ service: String?, _ scopes: [Scope], _ credential: Credential,
        over client: RegistryClient
    ) throws -> TokenResponse {
        var url = url
        if let service { url = url.adding("service", service) }
        for scope in scopes { url = url.adding("scope", scope.description) }
        var ask = Ask(.get, url, [])
        ask.headers["Accept"] = "application/json"
        ask.limit = TokenResponse.limit
        let answer = try asking(url, client) {
            try client.exchange(ask, authorization: credential.authorization)
        }
        guard answer.response.isSuccess else { throw refusal(answer) }
        return try Self.response(answer)
    }

    /// Asks as often as it takes; what fails in the end is not for others to try again.
    private func asking(_ url: URL, _ client: RegistryClient, _ body: () throws -> Answer) throws -> Answer {
        do {
            return try client.retrying(backoff, body)
        } catch let error as HTTPError {
            throw RegistryError(.get, url, .unauthorized("the token server: \(error.reason)"))
        }
    }

    private static func response(_ answer: Answer) throws -> TokenResponse {
        do {
            return try TokenResponse(parsing: answer.body)
        } catch let error as TokenError {
            throw RegistryError(answer.method, answer.url, .unauthorized("the token server: \(error)"))
        }
    }

    /// The realm as a place that a password may go to: https, or the registry's own host.
    private func place(_ realm: String) throws -> URL {
        let url: URL
        do {
            url = try URL(parsing: realm)
        } catch {
            throw RegistryError(
                .get, try URL(registry, "/v2/"), .forbiddenTarget("its token server: \(error.reason)"))
        }
        let isOwnHost = url.origin.host == registry.host
        let isSecret = url.origin.scheme == .https || isOwnHost && registry.scheme == .http
        let scope = AddressScope(host: url.origin.host)
        guard isSecret, isOwnHost || scope == .global else {
            let why = isSecret ? "is an address of a private network" : "is http"
            throw RegistryError(.get, url, .forbiddenTarget("its token server \(why)"))
        }
        return url
    }

    private func refusal(_ answer: Answer) -> RegistryError {
        guard [400, 401, 403].contains(answer.status) else { return answer.refusal }
        let said = ErrorBody(parsing: answer.body)
        let words = "the token server answers \(answer.status)" + (said.entries.isEmpty ? "" : ": \(said)")
        return RegistryError(answer.method, answer.url, .unauthorized(words))
    }

    private static func form(_ token: SecretBytes, service: String?, scopes: [Scope]) -> String {
        var fields = [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token.text)]
        if let service { fields.append(("service", service)) }
        if !scopes.isEmpty {
            fields.append(("scope", scopes.map(\.description).joined(separator: " ")))
        }
        return fields.map { "\(URL.encoded($0.0))=\(URL.encoded($0.1))" }.joined(separator: "&")
    }
}

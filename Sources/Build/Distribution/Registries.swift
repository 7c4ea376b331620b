import HTTP
import Linux
import OCI
import Registry

/// The registries that a command speaks to, and the connections that are free; threads share it.
final class Registries: Sendable {
    /// A repository, and where its registry is spoken to.
    typealias Place = EndpointRules.Place

    private struct State {
        var sessions: [Endpoint: RegistrySession] = [:]
        var idle: [Endpoint: [RegistryClient]] = [:]
    }

    /// As many blobs are on their way at once as registries like to see.
    static let transfers = 4

    private let rules: EndpointRules
    private let connection: ConnectionSettings
    private let backoff: Backoff
    private let credentials: Credentials
    private let state = Monitor(State())

    /// Reads the settings; nobody is spoken to yet.
    ///
    /// - Parameter settings: `nil` for the defaults, and no credentials.
    /// - Throws: ``BuildError/usage(_:_:)``, `FileError` of a certificate.
    init(_ settings: DistributionSettings?) throws {
        (rules, connection, backoff, credentials) = try (settings ?? .anonymous).resolved()
    }

    /// Where an image is written to.
    func placeToPush(_ reference: Reference) throws -> Place { try rules.placeToPush(reference) }

    /// Where an image is looked for, in this order.
    func placesToPull(_ reference: Reference) throws -> [Place] { try rules.placesToPull(reference) }

    /// Lends a client that nobody else uses meanwhile.
    func withClient<Value>(
        at endpoint: Endpoint, _ body: (RegistryClient) throws -> Value
    ) throws -> Value {
        let session = session(endpoint)
        let free = state.update { $0.idle[endpoint]?.popLast() }
        let client = try free ?? RegistryClient(session)
        defer { state.update { $0.idle[endpoint, default: []].append(client) } }
        return try body(client)
    }

    /// Asks a registry whether it takes a credential.
    ///
    /// - Throws: `RegistryError`, `HTTPError`.
    func ping(_ registry: String, showing credential: Credential) throws {
        let endpoint = try rules.endpoint(of: registry)
        let session = RegistrySession(endpoint.origin, settings(for: endpoint)) { _ in credential }
        try RegistryClient(session).ping()
    }

    /// The session that all clients of an endpoint share: a token is asked for once.
    private func session(_ endpoint: Endpoint) -> RegistrySession {
        state.update { state in
            if let known = state.sessions[endpoint] { return known }
            let session = RegistrySession(endpoint.origin, settings(for: endpoint)) {
                [credentials] repository in
                try credentials.find(registry: endpoint.registry, repository: repository).credential
            }
            state.sessions[endpoint] = session
            return session
        }
    }

    private func settings(for endpoint: Endpoint) -> RegistrySettings {
        var own = connection
        own.verifiesServer = endpoint.verifiesServer
        return RegistrySettings(connection: own, backoff: backoff)
    }
}

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
        /// Those of which it was not known whether they speak TLS.
        var settled: [String: Endpoint] = [:]
    }

    /// As many blobs are on their way at once as registries like to see.
    static let transfers = 4

    private let rules: DistributionRules
    private let state = Monitor(State())
    private let settling = KeyedLock<String>()

    /// Reads the settings; nobody is spoken to yet.
    ///
    /// - Parameter settings: `nil` for the defaults, and no credentials.
    /// - Throws: ``BuildError/usage(_:_:)``, `FileError` of a certificate.
    init(_ settings: DistributionSettings?) throws {
        rules = try (settings ?? .anonymous).resolved()
    }

    /// Where an image is written to.
    ///
    /// - Throws: `URLError`, `HTTPError` of a library that fails, `Interruption`.
    func placeToPush(_ reference: Reference) throws -> Place {
        try settled(rules.endpoints.placeToPush(reference), isPull: false)
    }

    /// Where an image is looked for, in this order.
    ///
    /// - Throws: As ``placeToPush(_:)``.
    func placesToPull(_ reference: Reference) throws -> [Place] {
        try rules.endpoints.placesToPull(reference).map { try settled($0, isPull: true) }
    }

    /// Whether a tag that exists and cannot be changed is no failure.
    var toleratesImmutableTags: Bool { rules.toleratesImmutableTags }

    /// The place where its registry is spoken to: over TLS, or in the clear where it knows none and the user allows that.
    private func settled(_ place: Place, isPull: Bool) throws -> Place {
        let endpoint = place.endpoint
        let isWanted = rules.maybePlain.contains(endpoint.registry) || isPull && rules.isMaybePlainToPull
        guard endpoint.origin.scheme == .https, isWanted else {
            return place
        }
        let known = try settling.exclusively(endpoint.registry) {
            if let known = state.update({ $0.settled[endpoint.registry] }) { return known }
            var found = endpoint
            if try !speaksTLS(endpoint) {
                var plain = EndpointRules()
                plain.plain = .all
                found = try plain.endpoint(of: endpoint.registry)
            }
            state.update { $0.settled[endpoint.registry] = found }
            return found
        }
        return Place(endpoint: known, repository: place.repository)
    }

    private func speaksTLS(_ endpoint: Endpoint) throws -> Bool {
        let connection = try Connection(settings(for: endpoint).connection) { try Interruption.check() }
        do {
            try connection.perform(Request(.get, URL(parsing: "\(endpoint.origin)/v2/")))
        } catch let error as HTTPError {
            // A certificate that is not trusted is one.
            return ![.tls, .unreachable, .connectTimedOut, .broken, .malformed].contains(error.kind)
        }
        return true
    }

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
        let endpoint = try placeToPush(Reference(parsing: "\(registry)/a")).endpoint
        let session = RegistrySession(endpoint.origin, settings(for: endpoint)) { _ in credential }
        try RegistryClient(session).ping()
    }

    /// The session that all clients of an endpoint share: a token is asked for once.
    private func session(_ endpoint: Endpoint) -> RegistrySession {
        state.update { state in
            if let known = state.sessions[endpoint] { return known }
            let session = RegistrySession(endpoint.origin, settings(for: endpoint)) {
                [credentials = rules.credentials] repository in
                try credentials.find(registry: endpoint.registry, repository: repository).credential
            }
            state.sessions[endpoint] = session
            return session
        }
    }

    private func settings(for endpoint: Endpoint) -> RegistrySettings {
        var own = rules.own[endpoint.registry] ?? rules.connection
        own.verifiesServer = endpoint.verifiesServer
        return RegistrySettings(connection: own, backoff: rules.backoff)
    }
}

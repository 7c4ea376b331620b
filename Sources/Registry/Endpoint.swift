public import HTTP
public import OCI

/// Where a registry is spoken to, and whether its certificate is looked at.
public struct Endpoint: Hashable, Sendable {
    /// The registry as references and credentials have it.
    public let registry: String
    /// Scheme, host and port of its API.
    public let origin: URL.Origin
    /// Whether its certificate must be good; only a user who asks for it does without.
    public let verifiesServer: Bool

    /// Docker Hub's images are not at its own name.
    private static let hubHost = "registry-1.docker.io"

    init(registry: String, isPlain: Bool, verifiesServer: Bool) throws(URLError) {
        let host = registry == Reference.defaultRegistry ? Self.hubHost : registry
        self.registry = registry
        self.verifiesServer = verifiesServer
        origin = try URL.Origin(scheme: isPlain ? .http : .https, authority: host)
    }
}

/// How registries are spoken to: in the clear or over TLS, and by which others they are stood for.
public struct EndpointRules: Sendable {
    /// A repository at an endpoint.
    public struct Place: Hashable, Sendable {
        /// Where the registry is spoken to.
        public let endpoint: Endpoint
        /// The repository's name there.
        public let repository: String

        /// A repository there.
        public init(endpoint: Endpoint, repository: String) {
            (self.endpoint, self.repository) = (endpoint, repository)
        }
    }

    /// Registries without TLS.
    public var plain = RegistrySet.none
    /// Registries whose certificates are not looked at.
    public var unverified = RegistrySet.none
    /// The same where images are taken from them, and nothing is brought there.
    public var unverifiedToPull = RegistrySet.none
    /// Registries that speak TLS though they are on this machine, such as those that a certificate was given for.
    public var secure = RegistrySet.none
    /// Registries that others stand for.
    public var map = RegistryMap()
    /// Whether a registry that others stand for is not asked itself.
    public var skipsOriginal = false

    /// TLS everywhere but on this machine, certificates looked at, each registry for itself.
    public init() {}

    /// The endpoint of a registry.
    ///
    /// Plain HTTP is spoken where the user asked for it, and to this machine: `localhost`, `127.0.0.0/8` and `[::1]`,
    /// unless something shows that TLS is spoken there (``secure``, ``unverified``, port 443).
    ///
    /// - Parameter registry: As ``Reference/registry`` has it.
    /// - Returns: The one endpoint; who stands for the registry is another question.
    /// - Throws: `URLError` for a host that is none.
    public func endpoint(of registry: String) throws(URLError) -> Endpoint {
        try endpoint(of: registry, isVerified: !unverified.contains(registry))
    }

    private func endpoint(of registry: String, isVerified: Bool) throws(URLError) -> Endpoint {
        let origin = try URL.Origin(scheme: .https, authority: registry)
        let speaksTLS =
            secure.contains(registry) || unverified.contains(registry)
            || origin.port == 443 && registry.hasSuffix(":443")
        let isLocal = AddressScope(host: origin.host) == .loopback
        return try Endpoint(
            registry: registry, isPlain: plain.contains(registry) || isLocal && !speaksTLS,
            verifiesServer: isVerified)
    }

    /// Where an image is written to: at its own registry.
    ///
    /// - Throws: `URLError`.
    public func placeToPush(_ reference: Reference) throws(URLError) -> Place {
        Place(endpoint: try endpoint(of: reference.registry), repository: reference.repository)
    }

    /// Where an image is looked for, in this order: at those that stand for its registry, then at the registry.
    ///
    /// - Throws: `URLError`.
    public func placesToPull(_ reference: Reference) throws(URLError) -> [Place] {
        func place(_ registry: String, _ repository: String) throws(URLError) -> Place {
            let isVerified = !unverified.contains(registry) && !unverifiedToPull.contains(registry)
            return Place(
                endpoint: try endpoint(of: registry, isVerified: isVerified), repository: repository)
        }
        var places: [Place] = []
        let targets = map.targets(of: reference.registry)
        for target in targets {
            let repository =
                target.path.isEmpty ? reference.repository : "\(target.path)/\(reference.repository)"
            places.append(try place(target.registry, repository))
        }
        if targets.isEmpty || !skipsOriginal {
            places.append(try place(reference.registry, reference.repository))
        }
        return places
    }
}

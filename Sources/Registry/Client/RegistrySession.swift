public import HTTP

/// What threads share that speak to one registry: where it is, and the tokens it has accepted.
public final class RegistrySession: Sendable {
    /// Where it is.
    public let origin: URL.Origin
    /// How it is spoken to.
    public let settings: RegistrySettings
    let authorizer: Authorizer

    /// - Parameters:
    ///   - origin: The registry's API.
    ///   - settings: How it is spoken to.
    ///   - credential: Finds what to show for a repository; asked when the registry wants to see something, by any
    ///     thread.
    public init(
        _ origin: URL.Origin, _ settings: RegistrySettings = RegistrySettings(),
        credential: @escaping @Sendable (_ repository: String) throws -> Credential = { _ in .anonymous }
    ) {
        (self.origin, self.settings) = (origin, settings)
        authorizer = Authorizer(origin, settings.backoff, credential: credential)
    }
}

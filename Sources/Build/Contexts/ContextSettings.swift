import Cryptography
import HTTP
import Layers
import Linux
import Registry

/// How contexts and remote files are fetched, and what they may hold.
struct ContextSettings: Sendable {
    /// How servers are spoken to: never with the certificate that registries know us by.
    var connection: ConnectionSettings
    /// When a request is tried again.
    var backoff: Backoff
    /// What an archive may hold; its bytes are also the most that are fetched.
    var limits: UnpackLimits
    /// The longest that git may take for a repository.
    var gitSeconds = 3600

    /// - Parameters:
    ///   - distribution: The certificates that are trusted and the number of tries; `nil` for the defaults.
    ///   - limits: What an archive may hold.
    /// - Throws: ``BuildError/usage(_:_:)``, `FileError` of a certificate.
    init(_ distribution: DistributionSettings? = nil, limits: LimitSettings = LimitSettings()) throws {
        let resolved = try (distribution ?? .anonymous).resolved()
        connection = resolved.connection
        connection.clientCertificate = nil
        backoff = resolved.backoff
        self.limits = try limits.limits()
    }
}

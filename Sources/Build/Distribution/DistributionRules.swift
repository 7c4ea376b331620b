import HTTP
import Registry

/// How registries are spoken to, once it was read: nothing of it can be a mistake any more.
struct DistributionRules: Sendable {
    var endpoints = EndpointRules()
    /// How connections behave.
    var connection: ConnectionSettings
    /// The same for registries that have certificates of their own.
    var own: [String: ConnectionSettings] = [:]
    /// Registries that get plain HTTP where they speak no TLS.
    var maybePlain = RegistrySet.none
    /// Whether all do that images are taken from.
    var isMaybePlainToPull = false
    /// Whether a tag that cannot be changed is no failure.
    var toleratesImmutableTags = false
    let backoff: Backoff
    let credentials: Credentials
}

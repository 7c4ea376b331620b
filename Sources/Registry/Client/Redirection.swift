package import HTTP

/// Where a registry may lead to: by a redirect, an upload's `Location`, a token's realm; and any other server.
package enum Redirection {
    /// The most redirects of one request.
    package static let limit = 10
    /// The statuses that are followed.
    package static let statuses: Set = [301, 302, 303, 307, 308]

    /// Resolves what an answer says.
    ///
    /// Never from https to http. And never to this machine, this link or a private network by address, unless the
    /// registry is such an address itself: what the registry cannot reach, it shall not have reached for it.
    ///
    /// - Throws: ``RegistryError/Reason/forbiddenTarget(_:)`` as the request's failure.
    static func target(
        _ reference: String, from url: URL, registry: URL.Origin, _ method: Request.Method
    ) throws -> URL {
        let target: URL
        do {
            target = try url.resolving(reference)
        } catch {
            throw RegistryError(method, url, .forbiddenTarget(error.reason))
        }
        if let why = objection(to: target.origin, from: url.origin, registry: registry) {
            throw RegistryError(method, url, .forbiddenTarget("\(target.origin) \(why)"))
        }
        return target
    }

    /// Why a place is not gone to; `nil` where it is.
    package static func objection(
        to target: URL.Origin, from source: URL.Origin, registry: URL.Origin
    ) -> String? {
        if source.scheme == .https, target.scheme == .http { return "is http, and this was https" }
        guard target.host != registry.host else { return nil }
        switch AddressScope(host: target.host) {
        case .global: return nil
        case .linkLocal: return "is an address of this link alone"
        case .loopback, .privateNetwork:
            return AddressScope(host: registry.host) == .global ? "is an address of a private network" : nil
        }
    }
}

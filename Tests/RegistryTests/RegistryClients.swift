import HTTP
import Registry
import TestSupport

extension RealRegistry {
    /// A client with settings that a test can wait for.
    func client(credential: Credential = .anonymous) throws -> RegistryClient {
        var settings = RegistrySettings.impatient
        if let certificate { settings.connection.additionalCertificates = try content(of: certificate) }
        let url = try URL(parsing: "\(certificate == nil ? "http" : "https")://\(host)")
        return try RegistryClient(RegistrySession(url.origin, settings, credential: { _ in credential }))
    }
}

extension RegistrySettings {
    /// Short waits.
    static var impatient: RegistrySettings {
        var connection = ConnectionSettings()
        connection.stallTimeout = .seconds(3)
        return RegistrySettings(
            connection: connection,
            backoff: Backoff(tries: 4, firstMilliseconds: 10, longestMilliseconds: 2000))
    }
}

public import HTTP

/// How a registry is spoken to.
public struct RegistrySettings: Sendable {
    /// Connections to the registry itself; other hosts get none of its exceptions.
    public var connection: ConnectionSettings
    /// When a request is tried again.
    public var backoff: Backoff
    /// Bytes of a stream that are sent, and kept until they have arrived, at a time.
    public var chunkBytes = 16 << 20
    /// How long a registry may take to store a blob after its last byte.
    public var storingTimeout: Duration = .seconds(900)

    /// Chunks of 16 MiB, and a quarter of an hour for the registry to store a blob.
    public init(connection: ConnectionSettings = ConnectionSettings(), backoff: Backoff = Backoff()) {
        (self.connection, self.backoff) = (connection, backoff)
    }

    /// Settings for hosts that the registry leads to: a token server, a store of blobs.
    var otherHosts: ConnectionSettings {
        var settings = connection
        (settings.verifiesServer, settings.clientCertificate) = (true, nil)
        return settings
    }
}

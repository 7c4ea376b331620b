public import SystemPackage

/// Certificates that hold for one registry and for no other.
public struct RegistryCertificates: Sendable {
    /// The registry, such as `registry.example.com:5000`.
    public let registry: String
    /// A file of certificates that are trusted beside the system's; `nil` for none.
    public var authority: FilePath?
    /// The files of a certificate that says who asks, and of its key; `nil` for none.
    public var client: (certificate: FilePath, key: FilePath)?

    /// None yet.
    public init(registry: String) { self.registry = registry }
}

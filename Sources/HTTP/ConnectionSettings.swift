/// How a connection behaves, whatever is asked over it.
public struct ConnectionSettings: Sendable {
    /// A certificate that says who asks, and its key: paths of PEM files, as bytes.
    public struct ClientCertificate: Sendable {
        /// The certificate, and those between it and the root.
        public let certificate: [UInt8]
        /// The private key, without a password.
        public let key: [UInt8]

        /// - Parameters:
        ///   - certificate: The path of a PEM file.
        ///   - key: The path of a PEM file.
        public init(certificate: [UInt8], key: [UInt8]) { (self.certificate, self.key) = (certificate, key) }
    }

    /// The name in `User-Agent`.
    public var userAgent: String
    /// Certificates in PEM that are trusted beside the system's.
    public var additionalCertificates: [UInt8]
    /// The certificates in PEM that the system trusts, as ``HTTPLibrary/systemCertificates`` gave them once; `nil` for
    /// those that it has when a connection is made.
    public var systemCertificates: [UInt8]?
    /// Who asks, where the server wants to know.
    public var clientCertificate: ClientCertificate?
    /// Whether the server's certificate must be trusted and its own; `false` only where the user says so.
    public var verifiesServer = true
    /// Whether HTTP/2 is offered to servers that are spoken to over TLS.
    public var offersHTTP2 = true
    /// The time until a connection stands, TLS and proxy included.
    public var connectTimeout: Duration = .seconds(30)
    /// The time in which at least ``leastBytes`` must go either way.
    public var stallTimeout: Duration = .seconds(60)
    /// What must go either way within ``stallTimeout``: a peer that trickles is as dead as one that is silent.
    public var leastBytes: Int64 = 1 << 10

    /// The system's trust, no client certificate, and times for a slow network.
    public init(
        userAgent: String = "varve", additionalCertificates: [UInt8] = [],
        clientCertificate: ClientCertificate? = nil
    ) {
        (self.userAgent, self.additionalCertificates) = (userAgent, additionalCertificates)
        self.clientCertificate = clientCertificate
    }
}

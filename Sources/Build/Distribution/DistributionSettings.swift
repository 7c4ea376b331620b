import Cryptography
import HTTP
import Linux
import Registry
public import SystemPackage

/// How registries are spoken to; texts as the user wrote them.
public struct DistributionSettings: Sendable {
    /// Registries that are spoken to without TLS.
    public var plainRegistries: [String] = []
    /// Registries whose certificates are not looked at.
    public var unverifiedRegistries: [String] = []
    /// Files of certificates that are trusted beside the system's.
    public var certificates: [FilePath] = []
    /// The file of a certificate that says who asks, for registries that want to know.
    public var clientCertificate: FilePath?
    /// The file of that certificate's key.
    public var clientKey: FilePath?
    /// Registries that stand for Docker Hub.
    public var mirrors: [String] = []
    /// `original=other/path;another`: registries that stand for others.
    public var maps: [String] = []
    /// Whether a registry that others stand for is not asked itself.
    public var skipsOriginal = false
    /// How often a request is tried in all; `nil` for 5.
    public var tries: Int?

    private let credentials: Credentials
    /// The system's certificates; `nil` for those that it has when they are asked for.
    private var systemCertificates: [UInt8]?

    /// Reads whom the system trusts, because its files will be others.
    mutating func holdTrust() { systemCertificates = HTTPLibrary.systemCertificates }

    /// The defaults; credentials are those of the environment and of files, and variables that hold some are gone then.
    ///
    /// To be called while the process has one thread.
    ///
    /// - Throws: `CryptographyError`.
    public init() throws {
        credentials = Credentials(
            variables: try CredentialVariables.take(), places: Self.places,
            withheld: KeySettings.secretVariables.sorted())
    }

    private init(_ credentials: Credentials) { self.credentials = credentials }

    /// The defaults, without any credentials.
    static var anonymous: DistributionSettings {
        DistributionSettings(Credentials(places: AuthFilePlaces(environment: [:], user: Machine.user.id)))
    }

    /// Where files with credentials are.
    static var places: AuthFilePlaces {
        AuthFilePlaces(environment: ProcessArguments.environment, user: Machine.user.id)
    }

    /// What was asked for, read: nothing of it can be a mistake any more.
    func resolved() throws -> (
        rules: EndpointRules, connection: ConnectionSettings, backoff: Backoff, credentials: Credentials
    ) {
        for text in plainRegistries + unverifiedRegistries + mirrors + maps where text.contains("@") {
            throw BuildError.usage("registry", "a registry is named without a user; varve login keeps logins")
        }
        var rules = EndpointRules()
        do {
            rules.plain = try RegistrySet(plainRegistries)
            rules.unverified = try RegistrySet(unverifiedRegistries)
            for mirror in mirrors { try rules.map.addMirror(mirror) }
            for map in maps { try rules.map.add(map) }
        } catch let error as RegistryNameError {
            throw BuildError.usage("registry", "\(error)")
        } catch let error as RegistryMapError {
            throw BuildError.usage("registry", "\(error)")
        }
        rules.skipsOriginal = skipsOriginal
        // Who gives a certificate means TLS, on this machine as well.
        if !certificates.isEmpty || clientCertificate != nil { rules.secure = .all }
        var connection = ConnectionSettings(userAgent: "varve/\(Version.current)")
        connection.systemCertificates = systemCertificates
        for path in certificates {
            let content = try Self.content(of: path, holding: "CERTIFICATE", "--ca-cert")
            connection.additionalCertificates += content + [UInt8(ascii: "\n")]
        }
        switch (clientCertificate, clientKey) {
        case (let certificate?, let key?):
            _ = try Self.content(of: certificate, holding: "CERTIFICATE", "--client-cert")
            var bytes = try Self.content(of: key, holding: "PRIVATE KEY", "--client-key")
            bytes.wipe()
            connection.clientCertificate = .init(certificate: certificate.bytes, key: key.bytes)
        case (nil, nil): break
        default: throw BuildError.usage("--client-cert", "a certificate and its key go together")
        }
        if let tries, !(1...100).contains(tries) { throw BuildError.usage("--tries", "give 1 to 100") }
        return (rules, connection, Backoff(tries: tries ?? 5), credentials)
    }

    /// Reads a file in PEM, so that what is none is told by its name before anybody is spoken to.
    private static func content(
        of path: FilePath, holding label: String, _ flag: String
    ) throws -> [UInt8] {
        let file = try File.reading(path)
        guard try file.status().kind == .regular else { throw BuildError.noRegularFile(path) }
        let content = try file.readAll(limit: 4 << 20)
        guard content.firstRange(of: "\(label)-----".utf8) != nil else {
            let what = label == "CERTIFICATE" ? "certificate" : "private key"
            throw BuildError.usage(flag, "\(path.escapedDescription) holds no \(what) in PEM")
        }
        return content
    }
}

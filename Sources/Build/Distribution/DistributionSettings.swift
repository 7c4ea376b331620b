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
    /// Whether no certificate of a registry that images are taken from is looked at.
    public var verifiesNobodyToPull = false
    /// Registries that get plain HTTP where they speak no TLS.
    public var maybePlainRegistries: [String] = []
    /// Whether that holds for all that images are taken from.
    public var maybePlainToPull = false
    /// Certificates of single registries.
    public var registryCertificates: [RegistryCertificates] = []
    /// Whether a tag that exists and cannot be changed is no failure.
    public var toleratesImmutableTags = false
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

    private var credentials: Credentials
    /// The system's certificates; `nil` for those that it has when they are asked for.
    private var systemCertificates: [UInt8]?

    /// Adds logins that come before those of the environment and of files.
    ///
    /// - Throws: `CredentialError/malformed(_:reason:)`.
    public mutating func give(_ logins: GivenLogins) throws { try logins.give(to: &credentials) }

    /// The files that it names.
    var files: [FilePath] {
        let own = registryCertificates.flatMap { [$0.authority, $0.client?.certificate, $0.client?.key] }
        return certificates + (own + [clientCertificate, clientKey]).compactMap(\.self)
    }

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

    /// Reads what was asked for.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``, `FileError` of a certificate.
    func resolved() throws -> DistributionRules {
        if let tries, !(1...100).contains(tries) { throw BuildError.usage("--tries", "give 1 to 100") }
        var rules = DistributionRules(
            connection: try connection(), backoff: Backoff(tries: tries ?? 5), credentials: credentials)
        rules.toleratesImmutableTags = toleratesImmutableTags
        do {
            rules.endpoints = try endpoints()
            rules.maybePlain = try RegistrySet(maybePlainRegistries)
            rules.isMaybePlainToPull = maybePlainToPull
            for certificates in registryCertificates {
                let registry = try RegistrySet.name(certificates.registry)
                let before = rules.own[registry] ?? rules.connection
                rules.own[registry] = try Self.connection(before, certificates)
            }
        } catch let error as RegistryNameError {
            throw BuildError.usage("registry", "\(error)")
        } catch let error as RegistryMapError {
            throw BuildError.usage("registry", "\(error)")
        }
        return rules
    }

    private func endpoints() throws -> EndpointRules {
        let all = plainRegistries + unverifiedRegistries + maybePlainRegistries + mirrors + maps
        for text in all + registryCertificates.map(\.registry) where text.contains("@") {
            throw BuildError.usage("registry", "a registry is named without a user; varve login keeps logins")
        }
        var rules = EndpointRules()
        rules.plain = try RegistrySet(plainRegistries)
        rules.unverified = try RegistrySet(unverifiedRegistries)
        if verifiesNobodyToPull { rules.unverifiedToPull = .all }
        for mirror in mirrors { try rules.map.addMirror(mirror) }
        for map in maps { try rules.map.add(map) }
        rules.skipsOriginal = skipsOriginal
        // Who gives a certificate means TLS, on this machine as well.
        let isGlobal = !certificates.isEmpty || clientCertificate != nil
        rules.secure = isGlobal ? .all : try RegistrySet(registryCertificates.map(\.registry))
        return rules
    }

    private func connection() throws -> ConnectionSettings {
        var connection = ConnectionSettings(userAgent: "varve/\(Version.current)")
        connection.systemCertificates = systemCertificates
        for path in certificates {
            connection.additionalCertificates += try Self.authority(path, "--ca-cert")
        }
        switch (clientCertificate, clientKey) {
        case (let certificate?, let key?):
            connection.clientCertificate = try Self.client(certificate, key, "--client-cert", "--client-key")
        case (nil, nil): break
        default: throw BuildError.usage("--client-cert", "a certificate and its key go together")
        }
        return connection
    }

    private static func connection(
        _ connection: ConnectionSettings, _ certificates: RegistryCertificates
    ) throws -> ConnectionSettings {
        var connection = connection
        if let path = certificates.authority {
            connection.additionalCertificates += try authority(path, "--registry-certificate")
        }
        if let (certificate, key) = certificates.client {
            let flag = "--registry-client-cert"
            connection.clientCertificate = try client(certificate, key, flag, flag)
        }
        return connection
    }

    private static func authority(_ path: FilePath, _ flag: String) throws -> [UInt8] {
        try content(of: path, holding: "CERTIFICATE", flag) + [UInt8(ascii: "\n")]
    }

    private static func client(
        _ certificate: FilePath, _ key: FilePath, _ flag: String, _ keyFlag: String
    ) throws -> ConnectionSettings.ClientCertificate {
        _ = try content(of: certificate, holding: "CERTIFICATE", flag)
        var bytes = try content(of: key, holding: "PRIVATE KEY", keyFlag)
        bytes.wipe()
        return ConnectionSettings.ClientCertificate(certificate: certificate.bytes, key: key.bytes)
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

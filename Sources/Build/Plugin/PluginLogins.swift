import Cryptography
import HTTP
import Linux
import OCI
import Registry
import SystemPackage

/// The logins that the plugin's settings give: for the registry that is pushed to, and for that of base images.
struct PluginLogins {
    private let settings: PluginSettings
    private let variables: PluginVariables
    private let note: (String) -> Void
    /// Where Amazon's programs are, in place of PATH.
    var programs: [FilePath]?
    /// Where a person finds the registry, if not at its own name.
    private(set) var page: String?

    init(_ settings: PluginSettings, _ variables: PluginVariables, note: @escaping (String) -> Void) {
        (self.settings, self.variables, self.note) = (settings, variables, note)
    }

    /// Logs in, where that takes asking somebody.
    ///
    /// - Throws: ``PluginError/setting(_:_:)``, `CredentialError`, `HTTPError`, `Interruption`, `CryptographyError`.
    mutating func logIn() throws -> GivenLogins {
        var logins = GivenLogins()
        if settings.kind == .docker, let document = variables.secret("PLUGIN_CONFIG") {
            // It stands for the file that the plugin would write, and the file has nothing else then.
            logins.set(document: document, named: "PLUGIN_CONFIG")
            return logins
        }
        let base = try baseLogin()
        if let (credential, source) = try pushLogin() {
            let registry = AuthKey(parsing: settings.registry).registry
            // Of two logins for one registry the image's repository has its own.
            let isShared = base?.key == AuthKey(registry: registry)
            for key in isShared ? repositories : [AuthKey(registry: registry)] {
                logins.add(credential, for: key, from: source)
            }
            warn(of: registry)
        }
        if let base { logins.add(base.credential, for: base.key, from: base.source) }
        return logins
    }

    /// Repositories that are written to.
    private var repositories: [AuthKey] {
        [settings.name?.destination, settings.cacheRepository].compactMap { name in
            name.flatMap { try? Reference(parsing: $0) }.map {
                AuthKey(registry: $0.registry, path: $0.repository)
            }
        }
    }

    /// A login that is for another registry than the image's is a setting forgotten.
    private func warn(of registry: String) {
        guard settings.isPushed, let name = settings.name?.destination,
            let reference = try? Reference(parsing: name), reference.registry != registry
        else { return }
        note(
            "the login is for \(registry), and the image goes to \(reference.registry); PLUGIN_REGISTRY and PLUGIN_REPO name one registry, or set PLUGIN_EXPAND_REPO=true"
        )
    }

    // MARK: Base images

    private typealias BaseLogin = (credential: Credential, key: AuthKey, source: String)

    private func baseLogin() throws -> BaseLogin? {
        let registry = variables.text(
            "PLUGIN_DOCKER_REGISTRY", "PLUGIN_BASE_IMAGE_REGISTRY", "DOCKER_REGISTRY")
        guard let registry else { return nil }
        let isOwn = settings.kind == .ecr
        let user =
            (isOwn ? variables.text("PLUGIN_USERNAME") : nil)
            ?? variables.text("PLUGIN_DOCKER_USERNAME", "PLUGIN_BASE_IMAGE_USERNAME", "DOCKER_USERNAME")
        let password =
            (isOwn ? variables.secret("PLUGIN_PASSWORD") : nil)
            ?? variables.secret("PLUGIN_DOCKER_PASSWORD", "PLUGIN_BASE_IMAGE_PASSWORD", "DOCKER_PASSWORD")
        let names = ("PLUGIN_BASE_IMAGE_USERNAME", "PLUGIN_BASE_IMAGE_PASSWORD")
        return try Self.basic(user, password, names).map {
            ($0, AuthKey(registry: AuthKey(parsing: registry).registry), names.0)
        }
    }

    /// - Throws: ``PluginError/setting(_:_:)`` for half a login.
    private static func basic(
        _ user: String?, _ password: SecretBytes?, _ names: (user: String, password: String)
    ) throws(PluginError) -> Credential? {
        guard user != nil || password != nil else { return nil }
        guard let user else {
            throw .setting(names.user, "there is a password and no user; set both or none")
        }
        guard let password else {
            throw .setting(names.password, "there is a user and no password; set both or none")
        }
        return .basic(user: user, password: password)
    }

    // MARK: The image

    private mutating func pushLogin() throws -> (Credential, source: String)? {
        switch settings.kind {
        case .docker:
            return try Self.basic(
                variables.text("PLUGIN_USERNAME"), variables.secret("PLUGIN_PASSWORD"),
                ("PLUGIN_USERNAME", "PLUGIN_PASSWORD")
            ).map { ($0, "PLUGIN_USERNAME") }
        case .gcr, .gar:
            guard let key = variables.secret("PLUGIN_JSON_KEY") else {
                noteMissing("PLUGIN_JSON_KEY")
                return nil
            }
            return (try GoogleKey.credential(key), "PLUGIN_JSON_KEY")
        case .ecr: return try amazonLogin()
        case .acr: return try azureLogin()
        }
    }

    private func noteMissing(_ name: String) {
        guard settings.isPushed else { return }
        note("\(name) is not set: who logs in is left to files of credentials and their programs")
    }

    private func amazonLogin() throws -> (Credential, source: String)? {
        let role = variables.text("PLUGIN_ASSUME_ROLE").map {
            AmazonPrograms.Role(
                name: $0, externalID: variables.text("PLUGIN_EXTERNAL_ID"),
                token: variables.secret("PLUGIN_OIDC_TOKEN_ID"))
        }
        let accessKey = variables.secret("PLUGIN_ACCESS_KEY")
        guard settings.isPushed || accessKey != nil || role != nil else { return nil }
        let secretKey = variables.secret("PLUGIN_SECRET_KEY")
        guard (accessKey == nil) == (secretKey == nil) else {
            throw PluginError.setting(
                accessKey == nil ? "PLUGIN_ACCESS_KEY" : "PLUGIN_SECRET_KEY",
                "the two keys go together; set both or none")
        }
        guard !settings.registry.isEmpty else { throw PluginError.noRegistry }
        let host = AuthKey(parsing: settings.registry).registry
        let programs = AmazonPrograms(
            host: host,
            region: variables.text("PLUGIN_REGION") ?? AmazonPrograms.region(of: host) ?? "us-east-1",
            accessKey: accessKey, secretKey: secretKey, role: role, directories: programs)
        if settings.isPushed { try prepareRepository(programs) }
        guard let credential = try programs.credential() else {
            noteMissing("PLUGIN_ACCESS_KEY")
            return nil
        }
        return (credential, accessKey == nil ? "PLUGIN_REGISTRY" : "PLUGIN_ACCESS_KEY")
    }

    private func prepareRepository(_ programs: AmazonPrograms) throws {
        guard let repository = settings.name?.artifact else { return }
        if try variables.isTrue("PLUGIN_CREATE_REPOSITORY") { try programs.createRepository(repository) }
        if let file = variables.text("PLUGIN_LIFECYCLE_POLICY") {
            try programs.setLifecyclePolicy(of: repository, to: file)
        }
        if let file = variables.text("PLUGIN_REPOSITORY_POLICY") {
            try programs.setRepositoryPolicy(of: repository, to: file)
        }
    }

    private mutating func azureLogin() throws -> (Credential, source: String)? {
        guard settings.isPushed else { return nil }
        let client = variables.text("CLIENT_ID", "AZURE_CLIENT_ID", "PLUGIN_CLIENT_ID", "AZURE_APP_ID")
        guard let client else {
            noteMissing("PLUGIN_CLIENT_ID")
            return nil
        }
        guard let tenant = variables.text("TENANT_ID", "AZURE_TENANT_ID", "PLUGIN_TENANT_ID") else {
            throw PluginError.setting("PLUGIN_TENANT_ID", "a client is known in its tenant alone; name it")
        }
        let host = AuthKey(parsing: settings.registry).registry
        let cloud = try AzureLogin.Cloud(of: host, authority: variables.text("AZURE_AUTHORITY_HOST"))
        let login = AzureLogin(
            cloud: cloud, host: host, tenant: tenant, client: client, proof: try azureProof())
        let session = try login.session()
        if let subscription = variables.text("SUBSCRIPTION_ID", "PLUGIN_SUBSCRIPTION_ID") {
            do {
                page = try login.page(subscription: subscription, session)
            } catch {
                if error is Interruption { throw error }
                note("PLUGIN_SUBSCRIPTION_ID: \(error); the artifact file names the registry itself")
            }
        }
        return (session.credential, "PLUGIN_CLIENT_ID")
    }

    private func azureProof() throws(PluginError) -> AzureLogin.Proof {
        if let token = variables.secret("PLUGIN_OIDC_TOKEN_ID") { return .assertion(token) }
        if let secret = variables.secret("CLIENT_SECRET", "PLUGIN_CLIENT_SECRET") { return .secret(secret) }
        let hasCertificate = variables.secret("CLIENT_CERTIFICATE", "PLUGIN_CLIENT_CERTIFICATE") != nil
        throw .setting(
            "PLUGIN_CLIENT_SECRET",
            hasCertificate
                ? "a client's certificate is not enough here; give its secret, or PLUGIN_OIDC_TOKEN_ID"
                : "it proves who PLUGIN_CLIENT_ID is; give it, or PLUGIN_OIDC_TOKEN_ID")
    }
}

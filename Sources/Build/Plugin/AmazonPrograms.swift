import Cryptography
import Linux
import OCI
import Registry
import SystemPackage

/// Amazon's own programs, which sign requests for its registries: `docker-credential-ecr-login` and `aws`.
///
/// The keys are in their environment, and nowhere else.
///
/// Source: amazon-ecr-credential-helper, README; AWS CLI, `aws ecr`, `aws ecr-public`, `aws sts`.
struct AmazonPrograms {
    /// Who asks, in another's name.
    struct Role {
        let name: String
        /// What the other one wants to hear, where he does.
        let externalID: String?
        /// What proves who asks, in place of keys.
        let token: SecretBytes?
    }

    typealias Variable = (name: String, value: [UInt8])

    private static let helper = "ecr-login"
    private static let user = "AWS"
    private static let limit = 1 << 20
    private static let seconds = 120

    /// Varve's own secrets, and its logins at other places.
    private static var withheld: [String] {
        KeySettings.secretVariables.sorted() + GitLogin.variables
            + ProcessArguments.variableNames.filter(CredentialVariables.isCredential)
    }

    /// The registry's host.
    let host: String
    let region: String
    let accessKey: SecretBytes?
    let secretKey: SecretBytes?
    let role: Role?
    /// Where the programs are, in place of PATH.
    var directories: [FilePath]?

    /// The region that the host of a registry names: `123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
    static func region(of host: String) -> String? {
        let words = host.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count >= 6, words[1] == "dkr", words[2].hasPrefix("ecr"), words[4] == "amazonaws" else {
            return nil
        }
        return String(words[3])
    }

    private var isPublic: Bool { host == "public.ecr.aws" }
    /// The public registry is spoken to in one region alone.
    private var spokenRegion: String { isPublic ? "us-east-1" : region }
    private var service: String { isPublic ? "ecr-public" : "ecr" }

    /// The login.
    ///
    /// - Returns: `nil` where no keys were given and none of the programs is there: others may know a login.
    /// - Throws: `CredentialError`, `Interruption`, ``PluginError/setting(_:_:)`` where the programs are missing.
    func credential() throws -> Credential? {
        let helper = Machine.program("docker-credential-\(Self.helper)", in: directories)
        guard helper != nil || Machine.program("aws", in: directories) != nil else {
            guard accessKey != nil || role != nil else { return nil }
            throw Self.missing("docker-credential-ecr-login or aws")
        }
        let variables = try self.variables()
        if let helper {
            return try Credential.asking(
                Self.helper, for: host, with: variables, without: Self.withheld,
                in: helper.removingLastComponent())
        }
        var answer = try aws([service, "get-login-password"], variables)
        defer { answer.wipe() }
        while let last = answer.last, last == 0x0A || last == 0x0D { answer.removeLast() }
        guard !answer.isEmpty else { throw failure("it says nothing") }
        return .basic(user: Self.user, password: try SecretBytes(answer.span))
    }

    /// Makes a repository, unless it is there.
    func createRepository(_ name: String) throws {
        _ = try aws(
            [service, "create-repository", "--repository-name", name], variables(),
            passing: "RepositoryAlreadyExistsException")
    }

    /// Says which of a repository's images are removed, and when.
    ///
    /// - Parameters:
    ///   - repository: Its name.
    ///   - file: The policy.
    /// - Throws: As ``credential()``.
    func setLifecyclePolicy(of repository: String, to file: String) throws {
        _ = try aws(
            [
                "ecr", "put-lifecycle-policy", "--repository-name", repository, "--lifecycle-policy-text",
                "file://\(file)",
            ], variables())
    }

    /// Says who may do what with a repository.
    ///
    /// - Parameters:
    ///   - repository: Its name.
    ///   - file: The policy.
    /// - Throws: As ``credential()``.
    func setRepositoryPolicy(of repository: String, to file: String) throws {
        _ = try aws(
            [
                service, "set-repository-policy", "--repository-name", repository, "--policy-text",
                "file://\(file)",
            ], variables())
    }

    /// What the programs get: the keys that were given, or those of the role.
    private func variables() throws -> [Variable] {
        var variables: [Variable] = [
            ("AWS_REGION", Array(spokenRegion.utf8)), ("AWS_DEFAULT_REGION", Array(spokenRegion.utf8)),
            ("AWS_PAGER", []),
            // The helper would keep the password in a file.
            ("AWS_ECR_DISABLE_CACHE", Array("true".utf8)),
        ]
        if let accessKey, let secretKey {
            variables.append(("AWS_ACCESS_KEY_ID", Array(accessKey.text.utf8)))
            variables.append(("AWS_SECRET_ACCESS_KEY", Array(secretKey.text.utf8)))
        }
        guard let role else { return variables }
        let names = ["AccessKeyId", "SecretAccessKey", "SessionToken"]
        let places = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        let keys = try take(role, variables)
        variables.removeAll { places.contains($0.name) }
        for (name, place) in zip(names, places) {
            guard let key = keys[name]?.string else { throw failure("its answer has no \(name)") }
            variables.append((place, Array(key.utf8)))
        }
        return variables
    }

    /// The keys of a role, for an hour.
    private func take(_ role: Role, _ variables: [Variable]) throws -> JSONValue {
        var words = ["sts", role.token == nil ? "assume-role" : "assume-role-with-web-identity"]
        words += ["--role-arn", role.name, "--duration-seconds", "3600", "--role-session-name"]
        words.append(role.token == nil ? "kaniko-ecr" : "kaniko-ecr-oidc")
        var input: [UInt8] = []
        defer { input.wipe() }
        if let token = role.token {
            // Everybody sees the arguments of a program.
            words += ["--web-identity-token", "file:///dev/stdin"]
            input = Array(token.text.utf8)
        } else if let externalID = role.externalID {
            words += ["--external-id", externalID]
        }
        var answer = try aws(words, variables, input: input)
        defer { answer.wipe() }
        guard let keys = (try? JSONValue(parsing: answer))?["Credentials"] else {
            throw failure("its answer is no JSON object with Credentials")
        }
        return keys
    }

    /// Runs `aws`; `excuse` is what it may fail with.
    private func aws(
        _ words: [String], _ variables: [Variable], input: [UInt8] = [], passing excuse: String? = nil
    ) throws -> [UInt8] {
        guard let path = Machine.program("aws", in: directories) else { throw Self.missing("aws") }
        let arguments = words + ["--region", spokenRegion, "--output", "json"]
        let program = ChildProgram(
            [path.bytes] + arguments.map { Array($0.utf8) }, without: Self.withheld,
            with: variables)
        do {
            let outcome = try program.outcome(input: input, limit: Self.limit, seconds: Self.seconds)
            if outcome.status == 0 { return outcome.output }
            let words = String(decoding: outcome.errors, as: UTF8.self)
            if let excuse, words.contains(excuse) { return [] }
            let last = words.split(whereSeparator: \.isNewline).last.map { ": \(String($0).quoted)" }
            throw failure("it failed with status \(outcome.status)" + (last ?? ""))
        } catch let error as ChildError {
            throw failure("\(error)")
        }
    }

    private func failure(_ reason: String) -> CredentialError {
        .program("aws", askedFor: host, reason: reason)
    }

    private static func missing(_ programs: String) -> PluginError {
        .setting(
            "PLUGIN_REGISTRY",
            "a login at Amazon takes \(programs), and PATH has no such program; install one, or use plugin docker with PLUGIN_USERNAME=AWS and a password of aws ecr get-login-password"
        )
    }
}

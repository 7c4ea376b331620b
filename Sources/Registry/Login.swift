import Cryptography
import Linux
import OCI
public import SystemPackage

/// Logins that outlast the process: in a file, or with the credential program that the file names.
public struct Login: Sendable {
    /// Where a login is now.
    public enum Place: Equatable, Sendable {
        /// In a file, where everybody who reads it reads the password.
        case file(FilePath)
        /// With a program.
        case program(String)
    }

    private let path: FilePath
    var programs: CredentialProgram.Settings

    /// - Parameters:
    ///   - places: Where files are; ``AuthFilePlaces/login`` is the one.
    ///   - withheld: Names of variables that credential programs do not get.
    ///   - seconds: The longest that a credential program may take, and another process may keep the file's lock.
    /// - Throws: ``CredentialError/nowhereToStore``.
    public init(_ places: AuthFilePlaces, withheld: [String] = [], seconds: Int = 30) throws(CredentialError)
    {
        guard let path = places.login else { throw .nowhereToStore }
        self.path = path
        programs = CredentialProgram.Settings(withheld: withheld, seconds: seconds)
    }

    /// Keeps a login in place of the old one; everything else in the file stays as it is.
    ///
    /// The file is replaced as a whole, for its owner alone to read. A link leads to the file that is replaced.
    ///
    /// - Parameters:
    ///   - credential: ``Credential/basic(user:password:)`` or ``Credential/identityToken(_:)``.
    ///   - key: What it is for.
    /// - Returns: Where it is now.
    /// - Throws: ``CredentialError``, `FileError`, `Interruption`.
    public func store(_ credential: Credential, for key: AuthKey) throws -> Place {
        let (user, secret) = try Self.parts(credential)
        return try changing { file in
            if let (word, program) = try program(for: key, in: file) {
                try program.store(key.server, user: user, secret: secret)
                // What stood there before must not be found any more.
                return (.program("docker-credential-\(word)"), try file.set(nil, for: key))
            }
            return (.file(path), try file.set(Self.entry(credential), for: key))
        }
    }

    /// Forgets a login.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: ``CredentialError``, `FileError`, `Interruption`.
    public func erase(_ key: AuthKey) throws -> Bool {
        try changing { file in
            let wasWithProgram = try program(for: key, in: file)?.program.erase(key.server) ?? false
            let wasInFile = try file.set(nil, for: key)
            return (wasInFile || wasWithProgram, wasInFile)
        }
    }

    private func program(
        for key: AuthKey, in file: AuthFile
    ) throws -> (word: String, program: CredentialProgram)? {
        let word = try file.program(for: AuthKey(registry: key.registry)) ?? file.word("credsStore")
        // Programs know hosts alone.
        guard let word, key.path.isEmpty else { return nil }
        return (word, try CredentialProgram(word, namedBy: file.name, programs))
    }

    private static func parts(_ credential: Credential) throws(CredentialError) -> (String, SecretBytes) {
        switch credential {
        case .basic(let user, let password):
            guard !user.isEmpty, !user.utf8.contains(UInt8(ascii: ":")) else {
                throw .unstorable("a user's name is not empty and has no colon")
            }
            return (user, password)
        case .identityToken(let token): return (Credential.tokenUser, token)
        case .anonymous, .registryToken: throw .unstorable("it is neither a password nor an identity token")
        }
    }

    private static func entry(_ credential: Credential) -> JSONObject {
        switch credential {
        case .identityToken(let token): ["identitytoken": .string(token.text)]
        // "Basic " goes before it in a request, and is not in the file.
        default: ["auth": .string(String((credential.authorization ?? "").dropFirst("Basic ".utf8.count)))]
        }
    }

    /// Reads the file, lets `change` change it, and writes it where it is another one then; all under a lock.
    private func changing<Value>(_ change: (inout AuthFile) throws -> (Value, isChanged: Bool)) throws
        -> Value
    {
        let target = Machine.resolved(path)
        let parent = target.removingLastComponent()
        _ = try Directory.makeDirectory(parent)
        let directory = try Directory.open(parent)
        try directory.lock(waitingSeconds: programs.seconds)
        defer { extendLifetime(directory) }
        let old = try AuthFilePlaces.read(.init(path: target, isNamed: true))
        var file = try old ?? AuthFile(parsing: [], named: path.escapedDescription)
        let (value, isChanged) = try change(&file)
        guard isChanged else { return value }
        var bytes = JSONValue.object(file.document).serialized(indent: 4) + [UInt8(ascii: "\n")]
        defer { bytes.wipe() }
        var staged = try StagedFile(at: target, bytes, permissions: 0o600)
        try staged.publish()
        staged.keep()
        return value
    }
}

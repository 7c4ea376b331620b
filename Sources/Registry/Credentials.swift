public import Cryptography
import Linux

/// Finds the credential for a repository.
///
/// The first of these that knows the registry is believed:
///
/// 1. what the caller was given for this run: single logins, then a document;
/// 2. `VARVE_<HOST>_USER` and `VARVE_<HOST>_PASSWORD`;
/// 3. `DOCKER_AUTH_CONFIG`;
/// 4. the files of ``AuthFilePlaces``, in their order.
///
/// In a document the program of `credHelpers` comes first, then the entry of `auths` with the longest path, then the
/// program of `credsStore`. A program that has no login is passed over; one that fails is an error, for going on
/// without would end in a refusal that nobody understands.
public struct Credentials: Sendable {
    /// A credential and where it is from.
    public struct Found: Sendable {
        /// The credential.
        public let credential: Credential
        /// Whose it is, for messages: a file, a variable; empty for ``Credential/anonymous``.
        public let source: String
    }

    private let variables: CredentialVariables
    private let places: AuthFilePlaces
    var programs: CredentialProgram.Settings
    private var given: [AuthKey: Found] = [:]
    private var document: (content: SecretBytes, name: String)?

    /// - Parameters:
    ///   - variables: What was taken out of the environment.
    ///   - places: Where files are.
    ///   - withheld: Names of variables that credential programs do not get: other secrets.
    ///   - seconds: The longest that a credential program may take.
    public init(
        variables: CredentialVariables = CredentialVariables(), places: AuthFilePlaces,
        withheld: [String] = [], seconds: Int = 30
    ) {
        (self.variables, self.places) = (variables, places)
        programs = CredentialProgram.Settings(withheld: withheld, seconds: seconds)
    }

    /// Adds one that comes before all others.
    ///
    /// - Parameters:
    ///   - credential: What is shown.
    ///   - key: To whom.
    ///   - source: Where it is from, for messages.
    public mutating func give(
        _ credential: Credential, for key: AuthKey, from source: String = "the command line"
    ) {
        given[key] = Found(credential: credential, source: source)
    }

    /// Adds what a file of credentials would hold; it comes after single credentials, and before the rest.
    ///
    /// - Parameters:
    ///   - document: All of it.
    ///   - name: What it is called in messages.
    /// - Throws: ``CredentialError/malformed(_:reason:)``.
    public mutating func give(document: SecretBytes, named name: String) throws(CredentialError) {
        _ = try AuthFile(secret: document, named: name)
        self.document = (document, name)
    }

    /// Looks for the credential for a repository.
    ///
    /// Everything is read anew: a login of a moment ago counts. May take as long as the credential programs.
    ///
    /// - Parameters:
    ///   - registry: As ``Reference/registry`` has it.
    ///   - repository: As ``Reference/repository`` has it; empty for the registry alone.
    /// - Returns: ``Credential/anonymous`` where nobody knows one.
    /// - Throws: ``CredentialError``, `FileError`, `Interruption`, `CryptographyError` without memory.
    public func find(registry: String, repository: String = "") throws -> Found {
        let key = AuthKey(registry: registry, path: repository)
        for key in key.ancestors {
            if let found = given[key] { return found }
        }
        if let (content, name) = document,
            let found = try find(key, in: AuthFile(secret: content, named: name))
        {
            return found
        }
        if let (credential, source) = try variables.credential(for: key.registry) {
            return Found(credential: credential, source: source)
        }
        if let file = try variables.authFile(), let found = try find(key, in: file) { return found }
        for place in places.all {
            if let file = try AuthFilePlaces.read(place), let found = try find(key, in: file) { return found }
        }
        return Found(credential: .anonymous, source: "")
    }

    private func find(_ key: AuthKey, in file: AuthFile) throws -> Found? {
        for entry in try file.entries(for: key) {
            switch entry {
            case .credential(let credential): return Found(credential: credential, source: file.name)
            case .program(let word, let server):
                let program = try CredentialProgram(word, namedBy: file.name, programs)
                if let credential = try program.get(server) {
                    return Found(credential: credential, source: "docker-credential-\(word)")
                }
            }
        }
        return nil
    }
}

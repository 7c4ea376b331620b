import Cryptography
import Linux
import OCI
import SystemPackage

/// A program that keeps logins: `docker-credential-` and a word, searched on PATH.
///
/// Source: github.com/docker/docker-credential-helpers, README, "Development".
struct CredentialProgram {
    private static let limit = 64 << 10
    private static let nothingFound = ["credentials not found", "no credentials"]

    /// What all of them have in common.
    struct Settings: Sendable {
        /// Variables that a program does not get.
        var withheld: [String]
        /// The longest that it may take.
        var seconds: Int
        /// Where programs are, in place of PATH.
        var directory: FilePath?
        /// Variables that a program gets besides.
        var added: [(name: String, value: [UInt8])] = []
    }

    private let name: String
    private let settings: Settings

    /// - Parameters:
    ///   - word: What stands behind `docker-credential-`.
    ///   - place: The file that names the program, for messages.
    ///   - settings: How it is run.
    /// - Throws: ``CredentialError/malformed(_:reason:)`` for a word that could name a program elsewhere.
    init(_ word: String, namedBy place: String, _ settings: Settings) throws(CredentialError) {
        let isWord = word.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard isWord, (1...64).contains(word.utf8.count) else {
            throw .malformed(place, reason: "\(word.quoted) names no credential program")
        }
        name = "docker-credential-\(word)"
        self.settings = settings
    }

    /// Asks for a login.
    ///
    /// - Returns: `nil` where the program has none.
    /// - Throws: ``CredentialError/program(_:askedFor:reason:)``, `Interruption`, `CryptographyError` without memory.
    func get(_ server: String) throws -> Credential? {
        var answer = try run("get", server, Array(server.utf8))
        defer { answer.output.wipe() }
        guard answer.status == 0 else { return try refuse(answer, server) }
        let limits = JSONLimits(bytes: Self.limit, depth: 8, values: 1000)
        guard let json = try? JSONValue(parsing: answer.output, limits: limits),
            let user = json["Username"]?.string, let secret = json["Secret"]?.string
        else {
            throw CredentialError.program(
                name, askedFor: server, reason: "its answer is no JSON object with Username and Secret")
        }
        guard !user.isEmpty || !secret.isEmpty else { return nil }
        return AuthFile.credential(user: user, password: try SecretBytes(secret))
    }

    /// Hands a login over.
    ///
    /// - Throws: As ``get(_:)``.
    func store(_ server: String, user: String, secret: SecretBytes) throws {
        let json: JSONValue = [
            "ServerURL": .string(server), "Username": .string(user), "Secret": .string(secret.text),
        ]
        var input = json.serialized()
        defer { input.wipe() }
        let answer = try run("store", server, input)
        if answer.status != 0 { throw failure(answer, server) }
    }

    /// Has a login forgotten.
    ///
    /// - Returns: Whether there was one, as far as the program tells.
    /// - Throws: As ``get(_:)``.
    func erase(_ server: String) throws -> Bool {
        let answer = try run("erase", server, Array(server.utf8))
        if answer.status == 0 { return true }
        _ = try refuse(answer, server)
        return false
    }

    private typealias Answer = (output: [UInt8], status: Int32)

    private func run(_ verb: String, _ server: String, _ input: [UInt8]) throws -> Answer {
        let path = settings.directory?.appending(name).bytes ?? Array(name.utf8)
        let program = ChildProgram(
            [path, Array(verb.utf8)], without: settings.withheld, with: settings.added)
        do {
            return try program.answer(input: input, limit: Self.limit, seconds: settings.seconds)
        } catch let error as ChildError {
            throw CredentialError.program(name, askedFor: server, reason: "\(error)")
        }
    }

    /// - Returns: `nil`, where the program says that it has no such login.
    private func refuse(_ answer: Answer, _ server: String) throws(CredentialError) -> Credential? {
        let text = String(decoding: answer.output.prefix(1000), as: UTF8.self).lowercased()
        guard Self.nothingFound.contains(where: text.contains) else { throw failure(answer, server) }
        return nil
    }

    private func failure(_ answer: Answer, _ server: String) -> CredentialError {
        let text = String(decoding: answer.output.prefix(200), as: UTF8.self)
        // Words are for the user; JSON could be the login itself.
        let said = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let isShown = !said.isEmpty && !said.contains("{")
        return .program(
            name, askedFor: server,
            reason: "it failed with status \(answer.status)" + (isShown ? ": \(said.quoted)" : ""))
    }
}

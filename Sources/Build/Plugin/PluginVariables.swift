import Cryptography
import Linux
import OCI
import SystemPackage

/// What the environment says to the plugin: `PLUGIN_*`, `DRONE_*` and some more, the secrets among them apart.
///
/// A variable that is empty counts as missing: that is how pipelines pass on what they do not have.
public struct PluginVariables: Sendable {
    /// Those whose values nobody shall see.
    static let secretNames = [
        "PLUGIN_PASSWORD", "PLUGIN_CONFIG", "PLUGIN_JSON_KEY", "PLUGIN_ACCESS_KEY", "PLUGIN_SECRET_KEY",
        "PLUGIN_OIDC_TOKEN_ID", "PLUGIN_DOCKER_PASSWORD", "PLUGIN_BASE_IMAGE_PASSWORD", "DOCKER_PASSWORD",
        "CLIENT_SECRET", "PLUGIN_CLIENT_SECRET", "CLIENT_CERTIFICATE", "PLUGIN_CLIENT_CERTIFICATE",
        "ARTIFACTORY_OIDC_TOKEN",
    ]

    private let texts: [String: String]
    private let secrets: [String: SecretBytes]

    init(_ texts: [String: String], secrets: [String: SecretBytes] = [:]) {
        (self.texts, self.secrets) = (texts, secrets)
    }

    /// Reads the environment; first the file that `PLUGIN_ENV_FILE` names is added to it, where it has not the like.
    ///
    /// Secrets are gone from the environment afterwards, for programs that are started later, too. To be called while
    /// the process has one thread, and once.
    ///
    /// - Throws: ``PluginError/setting(_:_:)``, `FileError`, `CryptographyError` without memory.
    public static func take() throws -> PluginVariables {
        if let path = ProcessArguments.environment["PLUGIN_ENV_FILE"], !path.isEmpty {
            var bytes = try File.reading(FilePath(path)).readAll(limit: EnvironmentFile.limit)
            defer { bytes.wipe() }
            let file = try EnvironmentFile(parsing: bytes) {
                SecretVariable.read($0, limit: EnvironmentFile.limit)
            }
            for variable in file.variables { ProcessArguments.add(variable.name, variable.value) }
        }
        var secrets: [String: SecretBytes] = [:]
        for name in secretNames {
            secrets[name] = try SecretVariable.take(name) { try SecretBytes($0) }
        }
        return PluginVariables(ProcessArguments.environment, secrets: secrets)
    }

    /// The first of these that there is.
    func text(_ names: String...) -> String? {
        names.lazy.compactMap { texts[$0] }.first { !$0.isEmpty }
    }

    /// The first of these secrets that there is.
    func secret(_ names: String...) -> SecretBytes? {
        names.lazy.compactMap { secrets[$0] }.first { $0.count > 0 }
    }

    /// The parts of a text between separators, without white space around them; empty ones do not count.
    static func parts(of text: String, between separators: Set<Unicode.Scalar> = [","]) -> [String] {
        text.unicodeScalars.split { separators.contains($0) }.compactMap { part in
            let start = part.drop { $0.properties.isWhitespace }
            guard let last = start.lastIndex(where: { !$0.properties.isWhitespace }) else { return nil }
            return String(start[...last])
        }
    }

    /// A list, its elements between commas.
    func list(_ name: String) -> [String] { text(name).map { Self.parts(of: $0) } ?? [] }

    /// A list of `NAME=VALUE`; or a JSON object, which is what a map of a pipeline arrives as.
    ///
    /// - Throws: ``PluginError/setting(_:_:)`` for an object with other values than texts, numbers and truth values.
    func pairs(_ name: String, between separators: Set<Unicode.Scalar> = [","]) throws(PluginError)
        -> [String]
    {
        guard let text = text(name) else { return [] }
        guard let object = try? JSONValue(parsing: Array(text.utf8)).object else {
            return Self.parts(of: text, between: separators)
        }
        return try object.members.sorted { $0.key < $1.key }.map { member throws(PluginError) in
            switch member.value {
            case .string(let value): "\(member.key)=\(value)"
            case .number(let number): "\(member.key)=\(number.text)"
            case .bool(let value): "\(member.key)=\(value)"
            case .null: "\(member.key)="
            case .array, .object:
                throw .setting(name, "\(member.key.quoted) is neither a text nor a number, true or false")
            }
        }
    }

    /// A truth value as Go reads one; `nil` where there is none.
    ///
    /// - Throws: ``PluginError/setting(_:_:)``.
    func bool(_ name: String) throws(PluginError) -> Bool? {
        guard let text = text(name) else { return nil }
        guard let truth = ExecutorArguments.truth(text) else {
            throw .setting(name, "\(text.quoted) is neither true nor false")
        }
        return truth
    }

    /// Whether something is wished; it is not where nobody says so.
    func isTrue(_ name: String) throws(PluginError) -> Bool { try bool(name) ?? false }

    /// A number from 0 on; `nil` where there is none.
    ///
    /// - Throws: ``PluginError/setting(_:_:)``.
    func number(_ name: String) throws(PluginError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw .setting(name, "\(text.quoted) is no number from 0 on")
        }
        return number
    }
}

import Cryptography
import Registry

/// The key of a service account, with which Google's registries take logins.
///
/// Source: Artifact Registry's documentation, "Configure authentication", service account key.
enum GoogleKey {
    private static let user = "_json_key"

    /// The login.
    ///
    /// - Parameter key: JSON as Google gives it out, or the same in base64.
    /// - Returns: A user, and the key as password.
    /// - Throws: ``PluginError/setting(_:_:)`` for what is neither; `CryptographyError` without memory.
    static func credential(_ key: SecretBytes) throws -> Credential {
        if isObject(key) { return .basic(user: user, password: key) }
        var letters = key.withSpan { span in
            span.indices.map { span[$0] }.filter { ![0x09, 0x0A, 0x0D, 0x20].contains($0) }
        }
        defer { letters.wipe() }
        guard let decoded = try Base64.secretBytes(letters), isObject(decoded) else {
            throw PluginError.setting(
                "PLUGIN_JSON_KEY", "it is neither the JSON of a service account's key nor that in base64")
        }
        return .basic(user: user, password: decoded)
    }

    /// Whether it begins as an object does; what is in it is for the registry.
    private static func isObject(_ key: SecretBytes) -> Bool {
        key.withSpan { span in
            span.indices.first { ![0x09, 0x0A, 0x0D, 0x20].contains(span[$0]) }.map {
                span[$0] == UInt8(ascii: "{")
            } ?? false
        }
    }
}

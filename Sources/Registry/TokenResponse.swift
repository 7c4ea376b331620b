public import Cryptography
public import OCI

/// What a token server answers.
///
/// Source: CNCF distribution, "Token Authentication Specification"; RFC 6749, section 5.1.
public struct TokenResponse: Sendable {
    /// The most bytes of an answer.
    public static let limit = 1 << 20

    /// The token, for the field `Authorization`.
    public let token: SecretBytes
    /// How long it holds from ``issuedAt`` on, or from now: 1 s to a day.
    public let seconds: Int
    /// When it was made by the server's clock, where that is told.
    public let issuedAt: Timestamp?
    /// A token that further ones are asked with.
    public let refreshToken: SecretBytes?

    /// What holds where nothing is said.
    private static let defaultSeconds = 60

    /// Reads an answer.
    ///
    /// A time that is missing, or none at all, is 60 s: tokens are still good then, and a refusal costs one
    /// more request. Longer than a day is a day.
    ///
    /// - Parameter body: The whole answer.
    /// - Throws: ``TokenError``, `CryptographyError` without memory.
    public init(parsing body: [UInt8]) throws {
        let limits = JSONLimits(bytes: Self.limit, depth: 16, values: 1000)
        guard let json = try? JSONValue(parsing: body, limits: limits), let object = json.object else {
            throw TokenError.notJSON(bytes: body.count)
        }
        let text = ["token", "access_token"].lazy.compactMap { object[$0]?.string }.first { !$0.isEmpty }
        guard let text else { throw TokenError.noToken }
        guard Self.isSendable(text) else { throw TokenError.malformedToken }
        token = try SecretBytes(Array(text.utf8).span)
        let refresh = object["refresh_token"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        refreshToken = try refresh.map { try SecretBytes(Array($0.utf8).span) }
        // Some servers write the number as a string.
        let stated = object["expires_in"].flatMap { $0.int64 ?? $0.string.flatMap(Int64.init) }
        seconds = stated.map { $0 > 0 ? Int(min($0, 86_400)) : Self.defaultSeconds } ?? Self.defaultSeconds
        issuedAt = object["issued_at"]?.string.flatMap { try? Timestamp(parsing: $0) }
    }

    /// How long it is to be used from its arrival on: a little less than it holds.
    ///
    /// No request shall be under way when it ends. Clocks of servers are not believed.
    public var usableSeconds: Int { max(seconds - max(seconds / 10, 5), min(seconds, 5)) }

    /// Whether it can stand in a header field without ending it.
    private static func isSendable(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

/// An answer of a token server that holds no token.
public enum TokenError: Error, Equatable, CustomStringConvertible {
    /// It is no JSON object.
    case notJSON(bytes: Int)
    /// It is one without a token.
    case noToken
    /// The token holds what no header field may.
    case malformedToken

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .notJSON(let bytes): "the token server's answer of \(bytes) bytes is no JSON object"
        case .noToken: "the token server's answer has neither token nor access_token"
        case .malformedToken: "the token server's token holds a character that cannot be sent"
        }
    }
}

import Cryptography
import HTTP
import Linux
import OCI

/// Knows what to show a registry, for all threads: learns it from refusals, and renews tokens before they end.
///
/// Source: CNCF distribution, "Token Authentication Specification"; RFC 7617; RFC 6750.
final class Authorizer: Sendable {
    /// What stands behind `Authorization`, and until when it is good.
    private struct Shown {
        let text: SecretBytes
        /// By ``Machine/ticks``.
        let end: UInt64
    }

    private struct State {
        /// What the registry said last that it wants to see.
        var authentication: Authentication?
        var shown: [String: Shown] = [:]
        /// What tokens are asked for, where the registry named more than we did.
        var named: [String: [Scope]] = [:]
        /// Scopes of which a thread is asking for a token now.
        var asking: Set<String> = []
    }

    private let origin: URL.Origin
    private let tokens: TokenServer
    private let credential: @Sendable (String) throws -> Credential
    private let state = Monitor(State())

    init(
        _ origin: URL.Origin, _ backoff: Backoff,
        credential: @escaping @Sendable (String) throws -> Credential
    ) {
        (self.origin, self.credential) = (origin, credential)
        tokens = TokenServer(registry: origin, backoff: backoff)
    }

    /// What to show for scopes; `nil` as long as nobody asked for anything.
    ///
    /// Asks the token server where a token is missing or ends soon, one thread for all.
    func authorization(for scopes: [Scope], over client: RegistryClient) throws -> String? {
        let key = Self.key(scopes)
        enum Step {
            case show(SecretBytes)
            case nothing
            case ask(Authentication, [Scope])
        }
        let step = state.wait { state -> Step? in
            if let shown = state.shown[key], shown.end > Machine.ticks { return .show(shown.text) }
            guard let authentication = state.authentication else { return .nothing }
            guard state.asking.insert(key).inserted else { return nil }
            return .ask(authentication, state.named[key] ?? scopes)
        }
        switch step {
        case .nothing: return nil
        case .show(let text): return text.text
        case .ask(let authentication, let scopes):
            defer { _ = state.update { $0.asking.remove(key) } }
            let shown = try make(authentication, scopes, over: client)
            state.update { $0.shown[key] = shown }
            return shown?.text.text
        }
    }

    private func make(
        _ authentication: Authentication, _ scopes: [Scope], over client: RegistryClient
    ) throws -> Shown? {
        let credential = try credential(scopes.first?.name ?? "")
        if case .registryToken = credential, let text = credential.authorization {
            return Shown(text: try SecretBytes(text), end: .max)
        }
        switch authentication {
        case .basic:
            return try credential.authorization.map { Shown(text: try SecretBytes($0), end: .max) }
        case .bearer(let realm, let service, _):
            let answer = try tokens.ask(
                realm: realm, service: service, scopes: scopes, credential: credential, over: client)
            let end = Machine.ticks + UInt64(answer.usableSeconds) * 1_000_000_000
            return Shown(text: try SecretBytes("Bearer " + answer.token.text), end: end)
        }
    }

    /// Learns from an answer 401.
    ///
    /// - Parameters:
    ///   - answer: The refusal.
    ///   - scopes: What was to be allowed.
    ///   - refused: What was shown, if anything.
    /// - Throws: ``RegistryError/Reason/unauthorized(_:)`` where nothing else can be shown.
    func learn(from answer: Answer, scopes: [Scope], refused: String?) throws {
        let challenges = Challenge.all(in: answer.response.headers.all("WWW-Authenticate"))
        guard let authentication = Authentication.choose(among: challenges) else {
            let schemes = challenges.map { $0.scheme.quoted }.joined(separator: ", ")
            throw unauthorized(
                answer,
                schemes.isEmpty ? "it does not say what it wants to see" : "it wants to see \(schemes)")
        }
        if authentication == .basic {
            if refused?.hasPrefix("Basic ") ?? false {
                throw unauthorized(answer, "user or password are wrong")
            }
            if case .anonymous = try credential(scopes.first?.name ?? "") {
                throw unauthorized(answer, "it wants a user and a password, and there are none")
            }
        }
        let key = Self.key(scopes)
        state.update { state in
            state.authentication = authentication
            if let refused, state.shown[key]?.text.text == refused { state.shown[key] = nil }
            if case .bearer(_, _, let text?) = authentication {
                // No more than what concerns the same repositories: a registry shall not collect rights elsewhere.
                let names = Set(scopes.map(\.name))
                let more = Scope.all(in: text).filter { $0.type != "repository" || names.contains($0.name) }
                state.named[key] = Scope.joined(scopes + more)
            }
        }
    }

    private func unauthorized(_ answer: Answer, _ why: String) -> RegistryError {
        let said = ErrorBody(parsing: answer.body)
        return RegistryError(
            answer.method, answer.url, .unauthorized(said.entries.isEmpty ? why : "\(why) (\(said))"))
    }

    private static func key(_ scopes: [Scope]) -> String {
        Scope.joined(scopes).map(\.description).joined(separator: " ")
    }
}

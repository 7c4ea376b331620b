/// What a server wants to see before it answers: a scheme and its parameters.
///
/// Source: RFC 9110, sections 11.2, 11.3 and 11.6.1; RFC 6750, section 3.
public struct Challenge: Hashable, Sendable {
    /// One parameter.
    public struct Parameter: Hashable, Sendable {
        /// The name in small letters.
        public let name: String
        /// The value, without quotation marks and escapes.
        public let value: String
    }

    /// The most bytes of one header field that are read.
    public static let fieldLimit = 16 << 10
    /// The most challenges that are read, and the most parameters of each.
    public static let countLimit = 32

    /// The scheme in small letters, such as `bearer`, `basic`, `negotiate`.
    public let scheme: String
    /// The parameters in their order; a name that stands twice stands here twice.
    public internal(set) var parameters: [Parameter] = []
    /// What stands in place of parameters, as `Negotiate` has it.
    public internal(set) var token68: String?

    init(scheme: String) { self.scheme = scheme }

    /// The value of the first parameter of a name, which is given in small letters.
    public subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// Reads the fields `WWW-Authenticate` of a response, in their order.
    ///
    /// One field may hold several challenges, and commas may be missing. Where a field stops making sense,
    /// a quotation mark without its fellow for one, the challenge there and what is behind it is dropped:
    /// half a parameter must not decide where a password goes.
    ///
    /// - Parameter fields: The values of the fields.
    /// - Returns: At most ``countLimit``; none where nothing can be read.
    public static func all(in fields: [String]) -> [Challenge] {
        var found: [Challenge] = []
        for field in fields.prefix(countLimit) where field.utf8.count <= fieldLimit {
            var reader = ChallengeReader(field)
            found += reader.challenges(atMost: countLimit - found.count)
        }
        return found
    }
}

/// How a registry lets in, of all that it offers.
public enum Authentication: Hashable, Sendable {
    /// User and password with each request.
    ///
    /// Source: RFC 7617.
    case basic
    /// A token that somebody else gives out, for a service and for scopes.
    case bearer(realm: String, service: String?, scope: String?)

    /// Chooses among the challenges of one response: a token before a password, whatever their order.
    ///
    /// - Returns: `nil` where none can be answered: an unknown scheme, a token without the place that gives it out.
    public static func choose(among challenges: [Challenge]) -> Authentication? {
        for challenge in challenges where challenge.scheme == "bearer" {
            guard let realm = challenge["realm"], !realm.isEmpty else { continue }
            return .bearer(realm: realm, service: challenge["service"], scope: challenge["scope"])
        }
        return challenges.contains { $0.scheme == "basic" } ? .basic : nil
    }
}

/// A credential that cannot be read, stored or removed; no case carries any of it.
public enum CredentialError: Error, Equatable, CustomStringConvertible {
    /// A file or a variable that is not JSON of the form that it must have: which, and what is wrong.
    case malformed(String, reason: String)
    /// A credential program that failed, and what it said.
    case program(String, askedFor: String, reason: String)
    /// One of two variables is missing.
    case incompleteVariables(missing: String, present: String)
    /// There is no place for a login.
    case nowhereToStore
    /// What cannot be stored, and why.
    case unstorable(String)

    /// One line, as the user reads it.
    public var description: String {
        switch self {
        case .malformed(let place, let reason): "\(place) holds no credentials that can be read: \(reason)"
        case .program(let name, let registry, let reason):
            "\(name) gave no credentials for \(registry): \(reason)"
        case .incompleteVariables(let missing, let present):
            "\(present) is set and \(missing) is not; set both or none"
        case .nowhereToStore:
            "there is no place for a login: set HOME, DOCKER_CONFIG or REGISTRY_AUTH_FILE"
        case .unstorable(let reason): "the login cannot be stored: \(reason)"
        }
    }
}

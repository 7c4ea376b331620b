/// What a token allows: actions on one resource, such as `repository:team/app:pull,push`.
///
/// Source: CNCF distribution, "Token Scope Documentation".
public struct Scope: Hashable, Sendable, CustomStringConvertible {
    /// Such as `repository`.
    public let type: String
    /// The resource, such as `team/app`; a host and its port may stand before it.
    public let name: String
    /// Such as `pull` and `push`, sorted, none twice.
    public private(set) var actions: [String]

    /// Actions on a repository.
    public init(repository: String, actions: [String]) {
        self.init(type: "repository", name: repository, actions: actions)
    }

    private init(type: String, name: String, actions: [String]) {
        (self.type, self.name, self.actions) = (type, name, Set(actions).sorted())
    }

    /// Reads the scopes of a challenge, which are separated by spaces; what is no scope is left out.
    ///
    /// - Parameter text: The parameter `scope`.
    /// - Returns: At most 32.
    public static func all(in text: String) -> [Scope] {
        text.split(separator: " ").prefix(32).compactMap { word in
            // The name may hold colons: only the outer two separate.
            guard let first = word.firstIndex(of: ":"), let last = word.lastIndex(of: ":"), first < last
            else {
                return nil
            }
            let actions = word[word.index(after: last)...].split(separator: ",").map(String.init)
            let name = String(word[word.index(after: first)..<last])
            guard !name.isEmpty else { return nil }
            return Scope(type: String(word[..<first]), name: name, actions: actions)
        }
    }

    /// Joins scopes of the same resource, and sorts them: equal wishes have equal texts.
    public static func joined(_ scopes: [Scope]) -> [Scope] {
        var joined: [String: Scope] = [:]
        for scope in scopes {
            let key = "\(scope.type):\(scope.name)"
            joined[key] = Scope(
                type: scope.type, name: scope.name, actions: scope.actions + (joined[key]?.actions ?? []))
        }
        return joined.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Whether it allows all that another one does.
    public func covers(_ other: Scope) -> Bool {
        type == other.type && name == other.name
            && (actions.contains("*") || Set(actions).isSuperset(of: other.actions))
    }

    /// As a request for a token has it.
    public var description: String { "\(type):\(name):\(actions.joined(separator: ","))" }
}

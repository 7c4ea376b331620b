public import Linux

/// How the programs of a Dockerfile are run; texts as the user wrote them.
public struct RunSettings: Sendable {
    /// Whom programs can speak to where RUN says nothing.
    public enum Network: String, CaseIterable, Sendable {
        /// Whoever the machine can: what BuildKit gives by default looks the same to them.
        case `default`
        case host
        case none
    }

    /// `nil` for the best that works here.
    public var isolation: Isolation?
    /// For each RUN that has none of its own.
    public var network = Network.default
    /// Each as `id=NAME,src=FILE` or `id=NAME,env=VARIABLE`.
    public var secrets: [String] = []
    /// Each as `ID` or `ID=SOCKET`.
    public var agents: [String] = []
    /// Whether no program can become more than it is, as `sudo` does.
    public var refusesNewPrivileges = false
    /// Where programs are run that are run in place: see ``BuildRequest/useOwnRoot(isForced:)``.
    var inplaceRoot: InplaceRoot?
    /// The namespaces that this process entered when it began, or why it did not.
    public var namespaces: Result<OwnNamespaces.Entry, any Error>?

    /// The defaults.
    public init() {}

    /// Whether it is known before anything is tried that nothing can be mounted.
    var hasNoMounts: Bool {
        if let isolation, !isolation.hasMounts { return true }
        if inplaceRoot != nil { return true }
        if case .failure? = namespaces { return true }
        return false
    }

    /// Whether programs can give files to root only.
    var hasOneIdentity: Bool {
        guard case .success(let entry)? = namespaces else { return Machine.user.id != 0 }
        return entry.identityMap?.isSingle ?? false
    }
}

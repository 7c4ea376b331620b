import Linux
import SystemPackage

/// An agent that holds keys for ssh(1), which programs of a build may ask.
///
/// Source: docker buildx build, `--ssh`.
struct BuildAgent: Equatable {
    /// The name of the agent that RUN means where it says none.
    static let usual = "default"

    let id: String
    /// Its socket.
    let socket: FilePath

    /// Reads `ID` for the user's own agent, or `ID=SOCKET`.
    ///
    /// - Throws: ``BuildError/usage(_:_:)``.
    init(parsing text: String, variables: [String: String]) throws(BuildError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        id = parts[0].isEmpty ? Self.usual : String(parts[0])
        if parts.count == 2, !parts[1].isEmpty {
            socket = FilePath(String(parts[1]))
        } else if let own = variables["SSH_AUTH_SOCK"], !own.isEmpty {
            socket = FilePath(own)
        } else {
            throw .usage("--ssh", "no agent runs: SSH_AUTH_SOCK is not set; start one, or write \(id)=SOCKET")
        }
        let kind = Machine.kind(of: socket)
        guard kind == .socket else {
            let reason =
                kind == nil
                ? "there is no \(socket.escapedDescription)" : "\(socket.escapedDescription) is no socket"
            throw .usage("--ssh", "\(reason); give an agent's, and the keys to it with ssh-add")
        }
    }
}

public import SystemPackage

/// What a program of a build is given: a root directory, what it sees in there, who it is, and its words.
///
/// A value: ``Sandbox`` carries it out.
public struct SandboxPlan: Equatable, Sendable {
    /// Whom a program can speak to.
    public enum Network: Equatable, Sendable {
        /// Whoever the machine can.
        case host
        /// Itself, by the loopback device.
        case none
    }

    /// The directory that becomes `/`; in place it is `/`.
    public var root: FilePath
    /// How far the program is kept from the machine; ``Isolation/none`` runs nothing.
    public var isolation: Isolation
    /// The ids of a user namespace of its own; `nil` where this process may mount, as root or in a namespace that it
    /// entered (``OwnNamespaces``).
    public var identityMap: IdentityMap?
    /// What it sees beside its root, in the order of mounting.
    public var mounts: [SandboxMount]
    /// The name of its machine.
    ///
    /// `nil` leaves it as it is; without namespaces it cannot have one.
    public var hostName: String?
    /// Whom it can speak to; without namespaces no network is refused (`ENOTSUP`).
    public var network = Network.host
    /// Its user and group in the image; 0 is root.
    public var user: UInt32 = 0
    /// Its group.
    public var group: UInt32 = 0
    /// Its supplementary groups.
    public var groups: [UInt32] = []
    /// What root may do in there; another user may do nothing of it, unless a program's file gives it.
    public var capabilities = Capabilities.standard
    /// Whether no program's file can give the user anything, as `sudo` does.
    public var refusesNewPrivileges = false
    /// The most processes.
    ///
    /// `nil` is no limit. For root outside of user namespaces it takes a control group that this
    /// process may make groups in.
    public var processLimit: Int?
    /// The program and its arguments.
    ///
    /// A program without a slash is looked for on the `PATH` of ``environment``, in the root. No words at all end the
    /// sandbox once it stands.
    public var command: [[UInt8]]
    /// Its whole environment, each as `NAME=value`.
    public var environment: [[UInt8]] = []
    /// A path in the root.
    public var workingDirectory: [UInt8] = [47]

    /// A program that is root, with the usual mounts.
    public init(root: FilePath, isolation: Isolation, command: [[UInt8]]) {
        (self.root, self.isolation, self.command) = (root, isolation, command)
        mounts = SandboxMount.standard(isolation)
    }

    /// The kernel would end at a NUL what has one, and run something else than was asked for.
    ///
    /// - Throws: ``SandboxError`` with `EINVAL`.
    func expectWhole() throws(SandboxError) {
        if let word = (command + environment).first(where: { $0.contains(0) }) {
            // A variable may be a secret.
            throw SandboxError(.program, .invalidArgument, command.contains(word) ? escaped(word) : "")
        }
        if workingDirectory.contains(0) {
            throw SandboxError(.workingDirectory, .invalidArgument, escaped(workingDirectory))
        }
        for step in mounts.flatMap(\.steps) where step.target.contains(0) || step.beneath?.contains(0) == true
        {
            throw SandboxError(.mount, .invalidArgument, escaped(step.target))
        }
    }

    /// The paths to try, as execvp(3) does.
    var programs: [[UInt8]] {
        guard let name = command.first else { return [] }
        if name.contains(47) { return [name] }
        let start = Array("PATH=".utf8)
        let path = environment.first { $0.starts(with: start) }?.dropFirst(start.count)
        let usual = Array("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".utf8)
        return (path ?? usual[...]).split(separator: 58, omittingEmptySubsequences: false)
            .map { ($0.isEmpty ? [46] : Array($0)) + [47] + name }
    }
}

import Layers
import Linux
import Registry
import SystemPackage

/// The root directory of the container that this process is in, for programs that are run in it.
///
/// Every stage begins with its files removed, but for what the container needs, what varve needs, and what is mounted.
/// What varve has mapped, its libraries among it, it goes on with when their names are gone.
///
/// While this lives, temporary files lie in a directory of their own, which stays, too.
public final class InplaceRoot: Sendable {
    /// What a container has of its own: no stage sees another one's there.
    private static let usual = [
        "/proc", "/sys", "/dev", "/kaniko", "/varve", "/busybox", "/workspace", "/var/run", "/etc/mtab",
        "/etc/resolv.conf", "/etc/hosts", "/etc/hostname", "/.dockerenv", "/run/.containerenv",
    ]

    private let scratch: ScratchDirectory
    /// What was there when varve began, and stays.
    private let own: [FilePath]
    private let start: FilePath

    /// Takes it.
    ///
    /// To be called while the process has one thread. Nothing is removed yet.
    ///
    /// - Parameter isForced: Whether also where nothing tells that this is a container.
    /// - Throws: ``BuildError/usage(_:_:)``, `FileError`.
    public init(isForced: Bool) throws {
        if let obstacle = Self.obstacle(isForced: isForced) {
            throw BuildError.usage("--isolation inplace", obstacle)
        }
        // Whoever removes files must know where other file systems begin.
        _ = try MountPoints.current()
        let variables = ProcessArguments.environment
        let folder = variables["DOCKER_CONFIG"].map { [FilePath($0)] } ?? []
        let brought = Self.usual.map { FilePath($0) } + folder + DistributionSettings.places.paths
        own =
            [Machine.resolved("/proc/self/exe")] + brought.filter { Machine.exists($0) || Machine.isLink($0) }
        start = Machine.absolute(".")
        let isTold = variables["TMPDIR"].map { !$0.isEmpty } ?? false
        // Where nobody names a place, one that no image has: `/var/tmp` is the stage's.
        scratch = try isTold ? ScratchDirectory() : ScratchDirectory(in: "/")
        Machine.setTemporaryDirectory(scratch.path)
    }

    /// Why programs cannot be run here; `nil` where they can.
    static func obstacle(isForced: Bool, _ signs: ContainerSigns = .current, user: UInt32 = Machine.user.id)
        -> String?
    {
        if signs.first == nil, !isForced {
            return
                "it removes all files of /, and nothing tells that this is a container; --force says that it is one"
        }
        return user == 0 ? nil : "only root can remove and make all files of /, and this is user \(user)"
    }

    /// Removes what is there but for what stays.
    ///
    /// - Parameters:
    ///   - request: What the build reads and writes.
    ///   - contexts: Where its files are.
    /// - Throws: ``BuildError/usage(_:_:)`` where all would have to stay, `FileError`, `Interruption`.
    /// - Returns: What stays.
    func clear(for request: BuildRequest, _ contexts: BuildContexts) throws -> KeptPaths {
        let root = try Directory.open("/")
        var kept = KeptPaths()
        for path in try MountPoints.current() { kept.insert(path, in: root) }
        let files = own + [scratch.path] + request.localFiles + contexts.localFiles
        for file in try files + Self.temporaryFiles(of: request) {
            guard kept.insert(Machine.absolute(file).bytes, in: root) else {
                throw BuildError.usage(
                    "--isolation inplace", "a build that reads or writes / itself would keep all of it")
            }
        }
        kept.hold(start.bytes, in: root)
        try kept.clear(root)
        try root.setOwner(user: 0, group: 0)
        try root.setPermissions(0o755)
        // As of any root that no layer speaks of.
        try root.setModified(FileStatus.Time(seconds: 0, nanoseconds: 0))
        return kept
    }

    /// What is being written under other names, beside what it will be.
    private static func temporaryFiles(of request: BuildRequest) throws -> [FilePath] {
        var found: [FilePath] = []
        for path in request.writtenFiles {
            guard let name = path.lastComponent,
                let home = try? Directory.open(Machine.absolute(path).removingLastComponent())
            else { continue }
            let prefix = StagedFile.prefix(of: FileName(name))
            for name in try home.names() where name.bytes.starts(with: prefix) {
                found.append(FilePath(bytes: home.path.bytes + [47] + name.bytes))
            }
        }
        return found
    }
}

extension BuildRequest {
    /// Whether nothing better than a chroot works in this container, in which its own root directory may be used.
    ///
    /// To be called once namespaces were entered, if they could be, and while the process has one thread.
    ///
    /// - Throws: `Interruption`.
    public func needsOwnRoot() throws -> Bool {
        guard InplaceRoot.obstacle(isForced: false) == nil else { return false }
        return try !SandboxProbe().rows.contains { $0.works && $0.isolation.hasMounts }
    }

    /// Lets programs be run in this process's own `/`: see ``Isolation/inplace``.
    ///
    /// To be called while the process has one thread.
    ///
    /// - Parameter isForced: Whether also where nothing tells that this is a container.
    /// - Throws: ``BuildError/usage(_:_:)``, `FileError`.
    public mutating func useOwnRoot(isForced: Bool) throws {
        run.inplaceRoot = try InplaceRoot(isForced: isForced)
        distribution?.holdTrust()
    }

    /// Where it writes to.
    fileprivate var writtenFiles: [FilePath] { WrittenFiles(outputs, provenance, results).paths }

    /// What it reads and writes, but for its contexts.
    fileprivate var localFiles: [FilePath] {
        var files = writtenFiles
        files += [cache.directory ?? CacheSettings.defaultDirectory].compactMap(\.self)
        if let dockerfile, dockerfile != "-" { files.append(dockerfile) }
        for text in run.secrets {
            if case .file(let path)? = try? BuildSecret(parsing: text).place { files.append(path) }
        }
        for text in run.agents {
            if let agent = try? BuildAgent(parsing: text, variables: variables) { files.append(agent.socket) }
        }
        files += distribution?.files ?? []
        for key in [provenance.key, cache.signKey] { files += key?.localFiles ?? [] }
        return files
    }
}

extension KeySettings {
    /// Where its keys are.
    fileprivate var localFiles: [FilePath] {
        let reference =
            switch self {
            case .key(let reference), .command(_, let reference): reference
            }
        return reference.starts(with: "env://".utf8) ? [] : [FilePath(bytes: reference)]
    }
}

import Compression
import Cryptography
import DockerfileSyntax
import Layers
import Linux
import OCI
import SystemPackage

/// What a program sees mounted, for as long as this lives.
final class RunMounts {
    /// In the order of mounting.
    private(set) var all: [SandboxMount] = []
    /// What mounts add to the environment, each as `NAME=value`.
    private(set) var environment: [[UInt8]] = []
    private let program: RunStep
    private let session: BuildSession
    private let ground: RunGround
    private var trees: ImageTrees { ground.trees }
    private var directories: [FilePath] = []
    private var stacks: [MountedStack] = []
    /// The directories of caches, by their ids.
    private var leases: [String: CacheMounts.Lease] = [:]
    private var agents = 0

    /// - Parameters:
    ///   - program: Whose they are.
    ///   - ground: Where it is run.
    ///   - session: The build.
    init(_ program: RunStep, _ ground: RunGround, _ session: BuildSession) {
        (self.program, self.ground, self.session) = (program, ground, session)
    }

    deinit { for path in directories { trees.remove(path) } }

    // MARK: What every program sees

    /// The files that tell it of the network, as BuildKit has them.
    ///
    /// Source: BuildKit, `executor/oci`: `GetHostsFile`, `GetResolvConf`.
    func addNetworkFiles(hostName: String, hasNetwork: Bool) {
        // Those of the program's own go over them.
        var hosts = Array(
            "127.0.0.1\tlocalhost \(hostName)\n::1\tlocalhost ip6-localhost ip6-loopback\n".utf8)
        if hasNetwork {
            // The machine's network is the program's: so are the names that its administrator gave.
            hosts += Self.ownHosts()
            if let servers = Self.content(of: "/etc/resolv.conf") { add(servers, at: "/etc/resolv.conf") }
        }
        add(hosts, at: "/etc/hosts")
    }

    private func add(_ content: [UInt8], at path: String) {
        all.append(.file(SandboxContent(content), at: Array(path.utf8), permissions: 0o644))
    }

    /// The lines of the machine's hosts that do not speak of itself.
    private static func ownHosts() -> [UInt8] {
        let lines = (content(of: "/etc/hosts") ?? []).split(separator: 10).filter { line in
            let address = line.prefix { $0 != 32 && $0 != 9 }
            return !address.isEmpty && address.first != 35 && !address.starts(with: "127.".utf8)
                && !address.elementsEqual("::1".utf8)
        }
        return lines.flatMap { $0 + [10] }
    }

    private static func content(of path: FilePath) -> [UInt8]? {
        try? File.reading(path).readAll(limit: 1 << 20)
    }

    /// The program itself, where it stands in the Dockerfile.
    func addScript() throws {
        guard let script = program.script else { return }
        let home = try newDirectory()
        let file = try Directory.open(home).createFile("script", permissions: 0o755)
        try file.write(Array(script.text.utf8).span)
        try file.setPermissions(0o755)
        all.append(.bind(source: home.appending("script"), at: script.path, isReadOnly: true))
    }

    // MARK: --mount

    /// Adds them, in the order of their places: what is mounted below another is not hidden by it.
    ///
    /// - Parameters:
    ///   - mounts: As RUN has them, and where their files are, of bind and cache.
    ///   - time: How old is what has no time of its own.
    /// - Throws: ``BuildError``, `LayerError`, `FileError`, `Interruption`, and what reading layers throws.
    func add(_ mounts: [(mount: Mount, origin: FileOrigin?)], time: Int64) throws {
        try leaseCaches(mounts.map(\.mount))
        func place(_ mount: Mount) throws -> [UInt8] { try mount.target == nil ? [] : target(mount) }
        let placed = try mounts.map { (place: try place($0.mount), each: $0) }.enumerated()
        let ordered = placed.sorted { first, second in
            first.element.place == second.element.place
                ? first.offset < second.offset
                : first.element.place.lexicographicallyPrecedes(second.element.place)
        }
        for (_, (_, (mount, origin))) in ordered { try add(mount, origin, time) }
    }

    private func add(_ mount: Mount, _ origin: FileOrigin?, _ time: Int64) throws {
        switch mount.kind {
        case .bind: try addBind(mount, origin, time)
        case .cache: try addCache(mount, origin, time)
        case .tmpfs: all.append(.memory(at: try target(mount), size: mount.size))
        case .secret: try addSecret(mount)
        case .ssh: try addAgent(mount)
        }
    }

    private func target(_ mount: Mount) throws -> [UInt8] {
        let path = PathText.normalized(PathText.absolute(mount.target ?? "", in: program.workingDirectory))
        guard !path.isEmpty else { throw BuildError.instruction("nothing can be mounted on /") }
        return [UInt8(ascii: "/")] + path
    }

    /// The user and group that a mount is given to.
    private func owner(of mount: Mount) throws -> (user: UInt32, group: UInt32) {
        let owner = (user: mount.userID ?? 0, group: mount.groupID ?? 0)
        if let shortage = ground.shortage, owner != (0, 0) {
            throw BuildError.noSubordinateIDs(
                "no mount can belong to \(owner.user):\(owner.group)", shortage: shortage)
        }
        return owner
    }

    private func addBind(_ mount: Mount, _ origin: FileOrigin?, _ time: Int64) throws {
        guard let origin else { return }
        let target = try target(mount)
        if case .image(let image) = origin, ground.isolation.hasMounts, trees.noOverlays == nil {
            return try show(image, mount, at: target)
        }
        all.append(
            .bind(
                source: try copy(mount, origin, time), beneath: nil, at: target, isReadOnly: mount.isReadOnly)
        )
    }

    /// Shows files of a stage or an image where they are.
    private func show(_ image: ImageOrigin, _ mount: Mount, at target: [UInt8]) throws {
        let path = try expect(.image(image), toHold: mount)
        let stack = try trees.show(image.layers, session)
        stacks.append(stack)
        all.append(
            .bind(
                source: stack.path, beneath: path.isEmpty ? nil : path, at: target,
                isReadOnly: mount.isReadOnly))
    }

    /// The path that a mount shows.
    private func expect(_ origin: FileOrigin, toHold mount: Mount) throws -> [UInt8] {
        let path = PathText.normalized(Array((mount.source ?? "").utf8))
        guard try path.isEmpty || origin.holds(path) else {
            throw BuildError.instruction("there is no \(mount.source ?? "") to mount")
        }
        return path
    }

    /// The files of a mount, in a directory that ends with the program: what it changes there nobody keeps, and what
    /// the context leaves out it does not see.
    private func copy(_ mount: Mount, _ origin: FileOrigin, _ time: Int64) throws -> FilePath {
        let home = try newDirectory()
        try copy(mount, origin, time, to: "/mount", in: home)
        let path = home.appending("mount")
        // What is copied to a name is below it; the directory itself is as it is there.
        if case .image(let image) = origin,
            let entry = try image.entry(at: PathText.normalized(Array((mount.source ?? "").utf8))),
            entry.kind == .directory
        {
            let directory = try Directory.open(path)
            if ground.shortage == nil { try directory.setOwner(user: entry.user, group: entry.group) }
            try directory.setPermissions(entry.permissions)
        }
        return path
    }

    private func copy(
        _ mount: Mount, _ origin: FileOrigin, _ time: Int64, to destination: String, in home: FilePath
    ) throws {
        let path = try expect(origin, toHold: mount)
        var plan = LayerPlan(over: FileListing(), session.filter)
        let filter = CopyFilter(of: origin.context)
        var rules = CopyRules(modified: time)
        rules.verdict = filter.decision()
        if origin.hasOwners { rules.owner = { ($0.user, $0.group) } }
        try origin.copy(path, filter, into: &plan, at: Array(destination.utf8), rules)
        let spool = try TemporaryFile(in: Directory.open(newDirectory()))
        let layer = try packLayer(of: plan, into: spool, .none, jobs: 1, latestTime: nil) { _ in }
        var unpacker = LayerUnpacker(into: try Directory.open(home), trees.options, wasEmpty: false)
        try unpacker.apply(spool.slice(), layer.descriptor, diffID: layer.diffID) { _ in }
        _ = try unpacker.finish()
    }

    /// Takes all caches before anything is mounted, and in one order everywhere: programs that wait for each other would
    /// wait for ever.
    private func leaseCaches(_ mounts: [Mount]) throws {
        var wanted: [String: CacheSharing] = [:]
        for mount in mounts where mount.kind == .cache {
            let (id, sharing) = try (cacheID(mount), sharing(of: mount))
            guard let known = wanted[id] else {
                wanted[id] = sharing
                continue
            }
            guard ground.isolation.hasMounts else {
                throw BuildError.instruction(
                    "the cache \(id) stands in two places, and there are no mounts here: see varve doctor")
            }
            if known == .shared { wanted[id] = sharing }
        }
        guard !wanted.isEmpty else { return }
        let caches = try session.cacheMounts()
        for (id, sharing) in wanted.sorted(by: { $0.key < $1.key }) {
            leases[id] = try caches.lease(id, sharing, check: session.events.check) {
                session.events.show(.note(.waitingForCache(id)))
            }
        }
    }

    private func cacheID(_ mount: Mount) throws -> String {
        try mount.id ?? String(decoding: target(mount), as: UTF8.self)
    }

    private func sharing(of mount: Mount) -> CacheSharing {
        switch mount.sharing {
        case .locked: .locked
        case .private: .private
        // Without mounts the directory itself moves to where the program wants it.
        default: ground.isolation.hasMounts ? .shared : .locked
        }
    }

    private func addCache(_ mount: Mount, _ origin: FileOrigin?, _ time: Int64) throws {
        if let source = mount.source, origin == nil {
            throw BuildError.instruction(
                "a cache begins with \(source) of a stage or an image: from= names it")
        }
        let (target, owner) = (try target(mount), try owner(of: mount))
        guard let lease = try leases[cacheID(mount)] else { return }
        if lease.isNew {
            lease.isNew = false
            if let origin { try copy(mount, origin, time, to: "/", in: lease.path) }
            let directory = try Directory.open(lease.path)
            try directory.setPermissions(mount.mode ?? 0o755)
            if owner != (0, 0) { try directory.setOwner(user: owner.user, group: owner.group) }
        }
        all.append(.bind(source: lease.path, beneath: nil, at: target, isReadOnly: mount.isReadOnly))
    }

    private func addSecret(_ mount: Mount) throws {
        let name =
            mount.id ?? mount.source
            ?? String(decoding: PathText.name(Array((mount.target ?? "").utf8)), as: UTF8.self)
        guard let secret = session.secrets.first(where: { $0.id.utf8.elementsEqual(name.utf8) }) else {
            guard mount.isRequired else { return }
            throw BuildError.instruction("the secret \(name) is wanted; give --secret id=\(name),src=FILE")
        }
        let bytes = try secret.read()
        if let variable = mount.variable {
            guard bytes.withSpan({ span in span.indices.allSatisfy { span[$0] != 0 } }) else {
                throw BuildError.instruction(
                    "the secret \(name) has a NUL byte in it, and no variable can; mount it as a file: target=FILE"
                )
            }
            environment.append(
                bytes.withSpan { span in
                    var text = Array("\(variable)=".utf8)
                    for index in span.indices { text.append(span[index]) }
                    return text
                })
            guard mount.target != nil else { return }
        }
        let path =
            try mount.target.map { _ in try target(mount) }
            ?? Array("/run/secrets/".utf8) + PathText.name(Array(name.utf8))
        let owner = try owner(of: mount)
        all.append(
            .file(
                bytes.withSpan { SandboxContent($0) }, at: path, permissions: mount.mode ?? 0o400,
                user: owner.user, group: owner.group))
    }

    private func addAgent(_ mount: Mount) throws {
        guard (mount.userID ?? 0, mount.groupID ?? 0) == (0, 0) else {
            throw BuildError.instruction(
                "the agent's socket is its owner's, who is root here: --mount=type=ssh takes no uid and no gid"
            )
        }
        let id = mount.id ?? BuildAgent.usual
        guard let agent = session.agents.first(where: { $0.id.utf8.elementsEqual(id.utf8) }) else {
            guard mount.isRequired else { return }
            throw BuildError.instruction("the agent \(id) is wanted; give --ssh \(id)")
        }
        let path = try mount.target == nil ? Array("/run/buildkit/ssh_agent.\(agents)".utf8) : target(mount)
        agents += 1
        all.append(.bind(source: agent.socket, beneath: nil, at: path, isReadOnly: false))
        if !environment.contains(where: { $0.starts(with: "SSH_AUTH_SOCK=".utf8) }) {
            environment.append(Array("SSH_AUTH_SOCK=".utf8) + path)
        }
    }

    private func newDirectory() throws -> FilePath {
        let path = try trees.newDirectory("mount")
        directories.append(path)
        return path
    }
}

import DockerfileSyntax
import Layers
import Linux
import OCI
import SystemPackage

extension StageBuilder {
    /// RUN: what its program changed becomes a layer.
    mutating func run(_ run: Run, _ step: PlannedStage.Step) throws {
        if let unknown { return foretell(step, .unknown(unknown)) }
        for case .stage(let number) in step.mounts.values where others[number] == nil {
            foretell(step, .unknown("a layer of the stage that it mounts is made first"))
            unknown = unknown ?? "a layer before it is made first"
            return
        }
        let program = try RunStep(run, in: state)
        var mounts: [(mount: Mount, origin: FileOrigin?)] = []
        for mount in program.mounts { mounts.append((mount, try origin(of: mount, step))) }
        var key = try key("RUN", step)
        try key.add(CacheKey.base, chain)
        let network = network(of: program)
        try program.describe(&key, network)
        if session.request.run.refusesNewPrivileges { try key.add("--no-new-privileges", "given") }
        // What a program sees and may do without them is not what it is elsewhere.
        if session.request.run.hasNoMounts { try key.add("--isolation", "without mounts") }
        if session.request.run.hasOneIdentity { try key.add("the identities", "one") }
        for path in session.ignoredPaths { try key.add("--ignore-path", path) }
        for (number, (mount, origin)) in mounts.enumerated() {
            let path = PathText.normalized(Array((mount.source ?? "").utf8))
            try origin?.describe(
                path, CopyFilter(of: origin?.context), at: "\(stage.number) \(self.number), mount \(number)",
                byContent: false, &key, session)
        }
        var work = LayerWork(key, program.historyText)
        work.keepsNothing = true
        work.isCached = session.request.cache.keepsPrograms
        try layer(step, work) { builder in try builder.carryOut(program, mounts, network) }
    }

    /// Whom the program can speak to.
    private func network(of program: RunStep) -> RunSettings.Network {
        program.network == .default ? session.request.run.network : .init(program.network)
    }

    /// Where the files of a mount are; `nil` for one that has none.
    private mutating func origin(of mount: Mount, _ step: PlannedStage.Step) throws -> FileOrigin? {
        switch mount.kind {
        case .bind: try origin(mount.origin.flatMap { step.mounts[$0] })
        case .cache: try mount.origin.flatMap { step.mounts[$0] }.map { try origin($0) }
        case .tmpfs, .secret, .ssh: nil
        }
    }

    /// Runs the program.
    ///
    /// - Returns: The layer, yet to be written; `nil` where nothing changed.
    private mutating func carryOut(
        _ program: RunStep, _ mounts: [(mount: Mount, origin: FileOrigin?)], _ network: RunSettings.Network
    ) throws -> LayerContent? {
        let ground = try session.ground()
        let tree = tree ?? StageTree(ground.trees, session)
        self.tree = tree
        let seen = RunMounts(program, ground, session)
        // In place, the container's own say it already.
        if ground.isolation != .inplace {
            seen.addNetworkFiles(hostName: ground.hostName, hasNetwork: network != .none)
        }
        try seen.add(mounts, time: time)
        try seen.addScript()
        let change = try tree.change(state.layers) { root in
            try start(program, in: root, seen, network, ground)
        }
        guard !change.changes.isEmpty else { return nil }
        let listing = try ground.shortage == nil ? nil : files()
        let session = session
        // Where the disk gives all files to root, the image says whose those are that cannot say so themselves.
        let owners: OwnerLookup? =
            if let listing { { path, status in listing.owner(of: path, status.kind) } } else { nil }
        return LayerContent(listing: nil) { blob in
            try packLayer(
                of: change.changes, into: blob, session.method, jobs: session.jobs,
                latestTime: session.latestTime, owners: owners,
                marksDevices: !ground.trees.options.makesDevices
            ) { session.events.show($0) }
        } kept: { layers in
            try change.keep(layers)
        }
    }

    private func start(
        _ program: RunStep, in root: FilePath, _ seen: RunMounts, _ network: RunSettings.Network,
        _ ground: RunGround
    ) throws {
        let directory = try Directory.open(root)
        let who = try RunUser(program.user, in: directory)
        // As engines do: who begins in a directory that is not there gets one.
        _ = try directory.openInRoot(Array(program.workingDirectory.utf8)) { _, _ in }
        var plan = SandboxPlan(
            root: root, isolation: ground.isolation, command: program.words.map { Array($0.utf8) })
        plan.mounts += seen.all
        plan.hostName = ground.isolation.hasMounts ? ground.hostName : nil
        plan.processLimit = ground.processLimit
        plan.network = network == .none ? .none : .host
        plan.capabilities = ground.capabilities(in: plan.network)
        (plan.user, plan.group, plan.groups) = (who.user, who.group, who.groups)
        plan.refusesNewPrivileges = session.request.run.refusesNewPrivileges
        plan.environment = program.environment(
            home: who.home, proxies: session.arguments.proxies, seen.environment)
        plan.workingDirectory = Array(program.workingDirectory.utf8)
        var output = RunOutput()
        let tell = { line in
            session.events.tell(
                .output(
                    ProgramOutput(stage: stage.name, number: number, count: stage.steps.count, line: line)))
        }
        let ended: Termination
        do {
            ended = try Sandbox.run(plan, check: session.events.check) { output.take($0, tell: tell) }
            output.finish(tell: tell)
        } catch let error as SandboxError {
            output.finish(tell: tell)
            throw meaning(of: error, program, ground)
        }
        guard ended == .exited(0) else {
            throw BuildError.programFailed(ended, lastLines: output.lastLines, shortage: ground.shortage)
        }
    }

    /// What is said of a program that is not there.
    private static func words(onMissing word: String) -> String {
        let shown = escaped(word.utf8)
        if !word.contains("/") { return "no directory of PATH has \(shown) in the image" }
        return word == "/bin/sh"
            ? "the image has no /bin/sh, which RUN wants for a command line; a JSON array such as [\"/app\", \"--init\"] needs none"
            : "the image has no \(shown), or not the interpreter or the libraries that it wants"
    }

    /// What a sandbox that did not come to stand says of the instruction.
    private func meaning(of error: SandboxError, _ program: RunStep, _ ground: RunGround) -> any Error {
        if error.step == .user, let shortage = ground.shortage {
            return BuildError.noSubordinateIDs("no program can be user \(program.user)", shortage: shortage)
        }
        let host = Platform.host(machine: Machine.hardware)
        if error.step == .program, let word = program.words.first, error.errno == .noSuchFileOrDirectory {
            return BuildError.instruction(Self.words(onMissing: word))
        }
        if error.step == .program, error.errno == .execFormatError {
            guard stage.platform.architecture != host.architecture else {
                return BuildError.instruction(
                    "\(error.subject) is no program for this machine; a script begins with #! and its interpreter"
                )
            }
            return BuildError.instruction(
                "its program is for \(stage.platform), and this machine is \(host): register an emulator (binfmt_misc, qemu-user-static), or build there"
            )
        }
        if error.step == .network, error.errno == .notSupported {
            return BuildError.instruction(
                "--network=none needs namespaces, and there are none here: see varve doctor")
        }
        return error
    }
}

extension RunSettings.Network {
    fileprivate init(_ network: Run.Network) {
        switch network {
        case .default: self = .default
        case .host: self = .host
        case .none: self = .none
        }
    }
}

extension FileListing {
    /// Whom a file belongs to in the image below, where the disk cannot tell: there all files are root's.
    fileprivate func owner(of path: [UInt8], _ kind: FileStatus.Kind) -> (user: UInt32, group: UInt32)? {
        guard let entry = try? entry(at: path, followingLast: false), entry.kind.isLike(kind) else {
            return nil
        }
        return (entry.user, entry.group)
    }
}

extension FileListing.Kind {
    /// What took another file's place is not that file.
    fileprivate func isLike(_ kind: FileStatus.Kind) -> Bool {
        switch self {
        case .regular: kind == .regular
        case .directory: kind == .directory
        case .symbolicLink: kind == .symbolicLink
        case .fifo: kind == .fifo
        case .characterDevice: kind == .characterDevice
        case .blockDevice: kind == .blockDevice
        }
    }
}

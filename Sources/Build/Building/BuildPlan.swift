import DockerfileSyntax
import Images
import Layers
import Linux
import OCI
import SystemPackage

/// A request that was read: the Dockerfile's stages that the target needs, their bases, and the context.
struct BuildPlan: Sendable {
    let session: BuildSession
    /// In the order of the file.
    let stages: [PlannedStage]
    let target: Int
    /// The stages, each after those that it needs.
    private let ordered: [PlannedStage]
    /// The names of the stages that nothing needs.
    private let skipped: [String]
    /// The Dockerfile's name and digest.
    let dockerfile: (name: String, digest: Digest)

    /// - Throws: ``BuildError``, ``DockerfileError``, ``InstructionError``, and what opening the context and finding the
    ///   bases throws.
    init(
        _ request: BuildRequest, _ registries: Registries, _ keys: SigningKeys,
        progress: @escaping (Progress) -> Void
    ) throws {
        let host = Platform.host(machine: Machine.hardware)
        let arguments = try BuildArguments(
            request.arguments, build: host, target: ImageSettings.platform(request.platform) ?? host,
            variables: request.variables)
        let events = BuildEvents()
        let contexts = try BuildContexts(request, progress: progress)
        let file = contexts.dockerfile
        let parsed: Dockerfile
        do {
            parsed = try Dockerfile(parsing: file.bytes)
        } catch {
            throw DockerfileError(error, in: file.name)
        }
        for warning in parsed.warnings {
            progress(.note(.dockerfile(file.name, line: warning.position.line, warning.reason)))
        }
        dockerfile = (file.name, try Digest.of(file.bytes))
        let cache = try LayerCache(request.cache, keys: keys, registries: registries) {
            events.show(.note(.cache($0)))
        }
        session = try BuildSession(
            request, contexts, cache, events, arguments,
            globals: arguments.global(parsed.globalArguments))
        let bases = BaseImages(registries, cache)
        var planner = try StagePlanner(
            parsed, arguments,
            StagePlanner.Finding(
                image: { try bases.image($0, $1) }, context: { contexts.named($0) },
                contextImage: { name, platform in
                    guard let place = contexts.image(name) else {
                        throw BuildError.usage("--build-context", "\(name) is no image")
                    }
                    return try bases.image(place, platform)
                }))
        (target, ordered) = try naming(file.name) { try planner.plan(target: request.target) }
        stages = ordered.sorted { $0.number < $1.number }
        let needed = Set(stages.map(\.number))
        skipped = parsed.stages.indices.filter { !needed.contains($0) }.map {
            parsed.stages[$0].name ?? "stage-\($0)"
        }
        Self.report(unused: arguments, parsed, progress)
    }

    /// Carries out what the target needs.
    ///
    /// - Returns: The target.
    func carryOut(progress: (Progress) -> Void) throws -> StageState {
        let session = session
        let states = try naming(dockerfile.name) {
            // There is one root directory for all.
            let width = session.request.run.inplaceRoot == nil ? StageSchedule.width : 1
            return try StageSchedule.run(stages, session.events, width: width, progress: progress) {
                stage, others in
                try StageBuilder.build(stage, others, session)
            }
        }
        guard let state = states[target] else { preconditionFailure("the target was not carried out") }
        return state
    }

    /// Says what would be carried out.
    ///
    /// - Throws: As ``carryOut(progress:)``.
    /// - Returns: The stages, and what would become of their instructions.
    func outline(progress: (Progress) -> Void) throws -> BuildOutline {
        // On a thread of its own: this one shows what it tells.
        let worker = Worker {
            defer { session.events.close() }
            return try naming(dockerfile.name) { try outline() }
        }
        guard worker.isStarted else { return try worker.join() }
        while let event = session.events.next() {
            if case .progress(let told) = event { progress(told) }
        }
        return try worker.join()
    }

    private func outline() throws -> BuildOutline {
        var states: [Int: StageState] = [:]
        var outlines: [Int: BuildOutline.Stage] = [:]
        for stage in ordered {
            let (steps, state) = try StageBuilder.outline(stage, states, session)
            states[stage.number] = state
            var digest: Digest?
            if case .image(let image) = stage.base { digest = image.manifest.digest }
            outlines[stage.number] = BuildOutline.Stage(
                name: stage.name, base: stage.baseName, baseDigest: digest.map { "\($0)" },
                platform: "\(stage.platform)", steps: steps)
        }
        return BuildOutline(stages: stages.compactMap { outlines[$0.number] }, skipped: skipped)
    }

    /// Build arguments that no ARG takes.
    private static func report(
        unused arguments: BuildArguments, _ dockerfile: Dockerfile, _ progress: (Progress) -> Void
    ) {
        let all = dockerfile.globalArguments + dockerfile.stages.flatMap(\.instructions)
        let declared = all.flatMap { instruction -> [String] in
            guard case .arg(let arguments) = instruction.content else { return [] }
            return arguments.map(\.name.text)
        }
        for name in arguments.names
        where !declared.contains(where: { $0.utf8.elementsEqual(name.utf8) })
            && !BuildArguments.isPredefined(name)
        {
            progress(.note(.argumentUnused(name)))
        }
    }
}

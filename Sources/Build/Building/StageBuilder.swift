import DockerfileSyntax
import Images
import Layers
import Linux
import OCI

/// Carries out one stage, instruction by instruction.
struct StageBuilder {
    let session: BuildSession
    let stage: PlannedStage
    /// The stages that it needs.
    let others: [Int: StageState]
    private(set) var state: StageState
    /// The files of the image as far as it has come; `nil` where nobody looked yet.
    private var listing: FileListing?
    private var number = 0
    /// What would be done, where nothing shall be.
    private var outline: [BuildOutline.Step]?
    /// Why nobody can tell what comes next, in an outline: the layers that it stands on are not made.
    private var unknown: String?

    private init(
        _ stage: PlannedStage, _ others: [Int: StageState], _ session: BuildSession, isOutline: Bool = false
    ) {
        (self.stage, self.others, self.session) = (stage, others, session)
        outline = isOutline ? [] : nil
        switch stage.base {
        case .scratch: state = StageState(scratchFor: stage.platform)
        case .image(let image): state = StageState(image, stage.platform)
        case .stage(let number):
            state = others[number].map { StageState(on: $0) } ?? StageState(scratchFor: stage.platform)
        }
    }

    /// Carries it out.
    ///
    /// - Throws: ``InstructionError``, `Interruption`, ``BuildEvents/Stopped``.
    static func build(
        _ stage: PlannedStage, _ others: [Int: StageState], _ session: BuildSession
    ) throws -> StageState {
        var builder = StageBuilder(stage, others, session)
        for step in stage.steps {
            try session.events.check()
            builder.number += 1
            try InstructionError.within(step.instruction) { try builder.carryOut(step) }
        }
        return builder.state
    }

    /// Says what would be done.
    ///
    /// - Returns: That, and the stage's state if every layer of it was made before.
    /// - Throws: As ``build(_:_:_:)``.
    static func outline(
        _ stage: PlannedStage, _ others: [Int: StageState], _ session: BuildSession
    ) throws -> (steps: [BuildOutline.Step], state: StageState?) {
        var builder = StageBuilder(stage, others, session, isOutline: true)
        if case .stage(let number) = stage.base, others[number] == nil {
            builder.unknown = "a layer of the stage below is made first"
        }
        for step in stage.steps {
            try session.events.check()
            builder.number += 1
            let before = builder.outline?.count
            try InstructionError.within(step.instruction) { try builder.carryOut(step) }
            if builder.outline?.count == before { builder.foretell(step, .configuration) }
        }
        return (builder.outline ?? [], builder.unknown == nil ? builder.state : nil)
    }

    private mutating func foretell(_ step: PlannedStage.Step, _ outcome: BuildOutline.Step.Outcome) {
        outline?.append(
            BuildOutline.Step(
                line: step.instruction.position.line, text: step.instruction.text, outcome: outcome))
    }

    private mutating func carryOut(_ step: PlannedStage.Step) throws {
        if case .arg(let arguments) = step.instruction.content {
            return try declare(arguments, step.instruction)
        }
        let instruction = try step.instruction.expanded(with: state.variables.words).instruction
        switch instruction.content {
        case .workdir(let path): try enter(path.text, step)
        case .copy, .add: try transfer(instruction, step)
        case .run:
            guard outline != nil else { throw BuildError.noRun }
            foretell(step, .refused("\(BuildError.noRun)"))
            unknown = "RUN comes before"
        default: _ = try state.apply(instruction)
        }
    }

    // MARK: Instructions

    private mutating func declare(_ arguments: [Argument], _ instruction: Instruction) throws {
        var noted: [(name: String, value: String?)] = []
        for argument in arguments {
            let name = try instruction.expanded(argument.name, with: state.variables.words).word.text
            var value = session.arguments[name]
            if value == nil {
                value =
                    try argument.value.map {
                        try instruction.expanded($0, with: state.variables.words).word.text
                    } ?? session.globals[name]
            }
            state.variables.declare(name, value)
            noted.append((name, value))
        }
        state.note(HistoryText.arguments(noted))
    }

    private mutating func enter(_ path: String, _ step: PlannedStage.Step) throws {
        let whole = PathText.normalized(PathText.absolute(path, in: state.workingDirectory))
        let text = "/" + String(decoding: whole, as: UTF8.self)
        state.configuration.workingDirectory = text
        guard !whole.isEmpty else { return state.note("WORKDIR /") }
        if let unknown { return foretell(step, .unknown(unknown)) }
        let user = state.configuration.user ?? ""
        var key = try key("WORKDIR \(text)", step)
        try key.add(CacheKey.base, chain)
        try key.add("the user", user)
        try layer(step, key, "WORKDIR \(text)") { builder in
            let listing = try builder.files()
            var plan = LayerPlan(over: listing, builder.session.filter)
            let owner = try Ownership(user).numbers(in: listing.accounts)
            try plan.makeDirectory(
                whole,
                CopyRules.Attributes(
                    user: owner.user, group: owner.group, permissions: 0o755, modified: builder.time))
            return plan
        }
    }

    private mutating func transfer(_ instruction: Instruction, _ step: PlannedStage.Step) throws {
        if let unknown, !(instruction.transfer?.isLinked ?? false) {
            return foretell(step, .unknown(unknown))
        }
        if case .stage(let number) = step.origin, others[number] == nil {
            foretell(step, .unknown("a layer of the stage that it copies from is made first"))
            unknown = unknown ?? "a layer before it is made first"
            return
        }
        let copy = try CopyStep(
            instruction, from: origin(of: step), isContext: step.origin == nil, state, session)
        for pattern in copy.unmatched { session.events.show(.note(.nothingMatches(pattern))) }
        let owner = try copy.owner.map { owner in
            // Numbers need no look into the image.
            try owner.isNumeric ? owner.numbers() : owner.numbers(in: files().accounts)
        }
        let text = HistoryText.transfer(
            instruction.keyword, copy.transfer, keepsParents: copy.keepsParents)
        let describe = { (builder: StageBuilder, byContent: Bool) throws -> CacheKey in
            var key = try builder.key(text, step)
            if !copy.transfer.isLinked { try key.add(CacheKey.base, builder.chain) }
            try copy.describe(
                &key, owner: owner, at: builder.place(step).name, byContent: byContent, builder.session)
            return key
        }
        // What the image that files come from is says enough; if it is another one, the files may be the same.
        let (key, other) = (
            try describe(self, false),
            copy.isFromImage ? { (builder: StageBuilder) in try describe(builder, true) } : nil
        )
        try layer(step, key, otherwise: other, text, isLinked: copy.transfer.isLinked) { builder in
            try copy.plan(
                over: copy.transfer.isLinked ? FileListing() : builder.files(), as: owner,
                time: builder.time, builder.session.filter, builder.session.limits)
        }
    }

    /// Where COPY takes its files from.
    private func origin(of step: PlannedStage.Step) throws -> FileOrigin {
        switch step.origin {
        case nil: return .context(session.contexts.source, name: nil)
        case .context(let name):
            return .context(try session.contexts.source(named: name) { session.events.show($0) }, name: name)
        case .image(let image): return .image(ImageOrigin(StageState(image, stage.platform), session))
        case .stage(let number):
            guard let other = others[number] else { preconditionFailure("the stage was not carried out") }
            return .image(ImageOrigin(other, session))
        }
    }

    // MARK: Layers

    /// How old what has no time of its own is: nobody's clock is asked, so that the next build gives the same image.
    private var time: Int64 {
        session.latestTime ?? state.base?.configuration.created?.seconds ?? 0
    }

    /// What the layers so far are known by.
    private var chain: Digest { get throws { try Digest.chain(of: state.diffIDs) } }

    private func key(_ instruction: String, _ step: PlannedStage.Step) throws -> CacheKey {
        var key = try CacheKey(
            instruction: instruction, shown: step.instruction.text, platform: stage.platform)
        try key.add("--compression", "\(session.method)")
        try key.add("SOURCE_DATE_EPOCH", session.latestTime.map(String.init) ?? "")
        try key.add("the time of what has none", "\(time)")
        try key.add("--xattr", session.request.attributes.joined(separator: "\0"))
        return key
    }

    /// The files of the image as it is.
    private mutating func files() throws -> FileListing {
        if let listing { return listing }
        let found = try session.listing(of: state.layers)
        listing = found
        return found
    }

    /// Adds a layer that was made before, or makes it.
    private mutating func layer(
        _ step: PlannedStage.Step, _ key: CacheKey, otherwise: ((StageBuilder) throws -> CacheKey)? = nil,
        _ createdBy: String, isLinked: Bool = false,
        make: (inout StageBuilder) throws -> LayerPlan
    ) throws {
        let by = StageLayer.By(
            stage: stage.name, line: step.instruction.position.line, text: step.instruction.text)
        let place = place(step)
        var (key, answer) = (key, try session.cache.find(key, at: place))
        if case .miss = answer, let otherwise {
            key = try otherwise(self)
            let second = try session.cache.find(key, at: CachePlace(second: place))
            if case .hit = second { answer = second }
        }
        switch answer {
        case .hit(let kept):
            if outline == nil { show(step, .kept) } else { foretell(step, .kept) }
            listing = nil
            add(kept, .kept(by, kept.origin), createdBy)
        case .miss(let reason):
            guard outline == nil else {
                foretell(step, .made("\(reason)"))
                unknown = unknown ?? "a layer before it is made first"
                return
            }
            show(step, .begun("\(reason)"))
            let plan = try make(&self)
            guard plan.count > 0 else { return state.note(createdBy) }
            let made = try session.cache.keep(for: key) { try pack(plan, into: $0) }
            listing = isLinked ? nil : plan.listing
            add(made, .made(by), createdBy)
            show(step, .made(bytes: made.uncompressedSize))
        }
    }

    private func pack(_ plan: LayerPlan, into blob: borrowing TemporaryFile) throws -> Layer {
        let layer = try packLayer(
            of: plan, into: blob, session.method, jobs: session.jobs, latestTime: session.latestTime
        ) { progress in
            session.events.show(
                .packing(
                    bytesIn: progress.bytesIn, bytesOut: progress.bytesOut, entries: progress.entries))
        }
        if let first = layer.contents.firstSocket {
            session.events.show(.note(.sockets(layer.contents.sockets, first: first)))
        }
        return layer
    }

    private mutating func add(_ layer: CachedLayer, _ origin: StageLayer.Origin, _ createdBy: String) {
        let cache = session.cache
        state.add(StageLayer(layer, origin) { try cache.open(layer.descriptor) }, createdBy)
    }

    private func place(_ step: PlannedStage.Step) -> CachePlace {
        let identity = "\(session.identity)\n\(stage.number)\n\(number)"
        return CachePlace(
            identity: Array(identity.utf8),
            name: "stage \(stage.name), line \(step.instruction.position.line)")
    }

    private func show(_ step: PlannedStage.Step, _ outcome: InstructionProgress.Outcome) {
        session.events.show(
            .instruction(
                InstructionProgress(
                    stage: stage.name, number: number, count: stage.steps.count, text: step.instruction.text,
                    outcome: outcome)))
    }
}

extension Instruction {
    /// What COPY or ADD transfers.
    fileprivate var transfer: Transfer? {
        switch content {
        case .copy(let copy): copy.transfer
        case .add(let add): add.transfer
        default: nil
        }
    }
}

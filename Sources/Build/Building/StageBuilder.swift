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
    var state: StageState
    /// The files of the image as far as it has come; `nil` where nobody looked yet.
    var listing: FileListing?
    /// The same on the disk, for programs; `nil` where none was run yet.
    var tree: StageTree?
    private(set) var number = 0
    private var origins: [String: ImageOrigin] = [:]
    /// What would be done, where nothing shall be.
    private(set) var outline: [BuildOutline.Step]?
    /// Why nobody can tell what comes next, in an outline: the layers that it stands on are not made.
    var unknown: String?

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
            try InstructionError.within(step.instruction, at: step.line) { try builder.carryOut(step) }
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
            try InstructionError.within(step.instruction, at: step.line) { try builder.carryOut(step) }
            if builder.outline?.count == before { builder.foretell(step, .configuration) }
        }
        return (builder.outline ?? [], builder.unknown == nil ? builder.state : nil)
    }

    mutating func foretell(_ step: PlannedStage.Step, _ outcome: BuildOutline.Step.Outcome) {
        outline?.append(
            BuildOutline.Step(
                line: step.line, text: step.text, outcome: outcome))
    }

    private mutating func carryOut(_ step: PlannedStage.Step) throws {
        if case .arg(let arguments) = step.instruction.content {
            return try declare(arguments, step.instruction)
        }
        let instruction = try step.instruction.expanded(with: state.variables.words).instruction
        switch instruction.content {
        case .workdir(let path): try enter(path.text, step)
        case .copy, .add: try transfer(instruction, step)
        case .run(let run): try self.run(run, step)
        default: try state.apply(instruction)
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
        var work = LayerWork(key, "WORKDIR \(text)")
        work.isQuick = true
        try layer(step, work) { builder in
            let listing = try builder.files()
            var plan = LayerPlan(over: listing, builder.session.filter)
            let owner = try Ownership(user).numbers(in: listing.accounts)
            try plan.makeDirectory(
                whole,
                CopyRules.Attributes(
                    user: owner.user, group: owner.group, permissions: 0o755, modified: builder.time))
            return LayerContent(plan, builder.session)
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
            instruction, from: origin(step.origin), state, session)
        for pattern in copy.unmatched { session.events.show(.note(.nothingMatches(pattern))) }
        var owner: (user: UInt32, group: UInt32)?
        if let wanted = copy.owner {
            // Numbers need no look into the image.
            owner = try wanted.isNumeric ? wanted.numbers() : wanted.numbers(in: files().accounts)
        }
        let text = HistoryText.transfer(
            instruction.keyword, copy.transfer, keepsParents: copy.keepsParents)
        let describe = { (builder: StageBuilder, byContent: Bool) throws -> CacheKey in
            var key = try builder.key(text, step)
            if !copy.transfer.isLinked { try key.add(CacheKey.base, builder.chain) }
            try copy.describe(
                &key, owner: owner, at: "\(builder.stage.number) \(builder.number)", byContent: byContent,
                builder.session)
            return key
        }
        var work = LayerWork(try describe(self, false), text)
        work.isLinked = copy.transfer.isLinked
        if copy.isFromImage {
            work.otherKey = { try describe($0, true) }
        } else {
            work.keyAgain = { try describe($0, false) }
        }
        defer { for origin in origins.values { origin.forget() } }
        try layer(step, work) { builder in
            let plan = try copy.plan(
                over: copy.transfer.isLinked ? FileListing() : builder.files(), as: owner,
                time: builder.time, builder.session.filter, builder.session.limits)
            return LayerContent(plan, builder.session)
        }
    }

    /// Where files are that an instruction takes.
    mutating func origin(_ place: PlannedStage.Origin?) throws -> FileOrigin {
        switch place {
        case nil: return .context(session.contexts.main)
        case .context(let name):
            return .context(try session.contexts.files(named: name) { [session] in session.events.show($0) })
        case .image(let image):
            return .image(imageOrigin("\(image.manifest.digest)", StageState(image, stage.platform)))
        case .stage(let number):
            guard let other = others[number] else { preconditionFailure("the stage was not carried out") }
            return .image(imageOrigin("\(number)", other))
        }
    }

    /// An image that files come from: listed once, however many instructions take some.
    private mutating func imageOrigin(_ name: String, _ image: StageState) -> ImageOrigin {
        if let known = origins[name] { return known }
        let made = ImageOrigin(image, session)
        origins[name] = made
        return made
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

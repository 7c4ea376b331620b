import DockerfileSyntax
import Linux
import OCI

/// Finds the stages that a target needs, and what each is built from; bases are looked up, and nothing is made.
struct StagePlanner {
    /// How images and contexts are found.
    struct Finding {
        /// Finds an image by the name that FROM or `--from` gives it, for a platform.
        let image: (_ name: String, Platform) throws -> BaseImage
        /// The name of the context that takes a name's place, and whether it is an image.
        let context: (_ name: String) -> (name: String, isImage: Bool)?
        /// The image of such a context.
        let contextImage: (_ name: String, Platform) throws -> BaseImage
    }

    /// How many stages may stand on each other.
    static let depthLimit = 200

    private let dockerfile: Dockerfile
    private let arguments: BuildArguments
    private let globals: Variables
    private let finding: Finding
    /// Each after those that it needs.
    private var planned: [PlannedStage] = []
    private var numbers: Set<Int> = []
    /// The stages that are being planned, for circles.
    private var path: [Int] = []

    /// - Throws: ``SyntaxError``.
    init(_ dockerfile: Dockerfile, _ arguments: BuildArguments, _ finding: Finding) throws(SyntaxError) {
        (self.dockerfile, self.arguments, self.finding) = (dockerfile, arguments, finding)
        globals = try arguments.global(dockerfile.globalArguments)
    }

    /// The stages that a target needs, each after those that it needs itself.
    ///
    /// - Parameter target: A name or a number; `nil` for the last stage.
    /// - Throws: ``BuildError/usage(_:_:)`` for an unknown target, ``InstructionError``.
    /// - Returns: The target's number, and the stages.
    mutating func plan(target: String?) throws -> (target: Int, stages: [PlannedStage]) {
        var number = dockerfile.stages.count - 1
        if let target {
            guard let found = dockerfile.stage(target: target) else {
                let names = dockerfile.stages.compactMap(\.name)
                throw BuildError.usage(
                    "--target",
                    "there is no stage \(target)"
                        + (names.isEmpty ? "" : "; there are \(names.joined(separator: ", "))"))
            }
            number = found
        }
        try plan(number)
        return (number, planned)
    }

    private func name(of number: Int) -> String { dockerfile.stages[number].name ?? "stage-\(number)" }

    private mutating func plan(_ number: Int) throws {
        guard !numbers.contains(number) else { return }
        let stage = dockerfile.stages[number]
        guard !path.contains(number) else {
            let circle = (path.drop { $0 != number } + [number]).map(name).joined(separator: " → ")
            throw InstructionError(stage.instruction, "stages need each other: \(circle)")
        }
        guard path.count < Self.depthLimit else {
            throw InstructionError(
                stage.instruction, "more than \(Self.depthLimit) stages stand on each other")
        }
        path.append(number)
        defer { path.removeLast() }
        let expanded = try InstructionError.within(stage.instruction) { () throws -> Instruction in
            try stage.instruction.expanded(with: globals).instruction
        }
        guard case .from(let from) = expanded.content else { return }
        let platform = try InstructionError.within(stage.instruction) { () throws -> Platform in
            try from.platform.map { try Platform(parsing: $0.text) } ?? arguments.platforms.target
        }
        let base = try base(from, of: number, stage.instruction, platform)
        // What stands for a stage itself is the whole of it.
        let isReplaced = stage.name.map { finding.context($0) != nil } ?? false
        let triggers = try InstructionError.within(stage.instruction) { () throws -> [Instruction] in
            isReplaced ? [] : try self.triggers(of: base)
        }
        let line = stage.instruction.position.line
        var steps = try triggers.map { try step($0, at: line, platform) }
        if !isReplaced {
            steps += try stage.instructions.map { try step($0, at: $0.position.line, platform) }
        }
        planned.append(
            PlannedStage(
                number: number, name: name(of: number), from: stage.instruction, baseName: from.base.text,
                base: base, platform: platform, steps: steps))
        numbers.insert(number)
    }

    private mutating func base(
        _ from: From, of number: Int, _ instruction: Instruction, _ platform: Platform
    ) throws -> PlannedStage.Base {
        let name = from.base.text
        // A context may stand for the stage itself, so that others are spared building it.
        let replaced = dockerfile.stages[number].name.flatMap { finding.context($0) } ?? finding.context(name)
        if let context = replaced {
            return try InstructionError.within(instruction) {
                guard context.isImage else {
                    throw BuildError.usage(
                        "--build-context",
                        "\(context.name) is a directory, and FROM \(name) needs an image; give oci:DIR:TAG or docker-image://NAME"
                    )
                }
                return .image(try finding.contextImage(context.name, platform))
            }
        }
        if name == "scratch" { return .scratch }
        if let earlier = dockerfile.stage(named: name, before: number) {
            try plan(earlier)
            return .stage(earlier)
        }
        return try InstructionError.within(instruction) { .image(try image(name, platform)) }
    }

    /// What waits in a base for the next build.
    private func triggers(of base: PlannedStage.Base) throws -> [Instruction] {
        switch base {
        case .scratch: return []
        case .image(let image):
            return try image.configuration.triggers.map { try Instruction(trigger: $0) }
        case .stage(let number):
            return try dockerfile.stages[number].instructions.compactMap { instruction in
                guard case .onbuild(let trigger) = instruction.content else { return nil }
                return try Instruction(trigger: trigger.text, escape: dockerfile.directives.escape)
            }
        }
    }

    private mutating func step(
        _ instruction: Instruction, at line: Int, _ platform: Platform
    ) throws -> PlannedStage.Step {
        var origin: PlannedStage.Origin?
        if case .copy(let copy) = instruction.content, let from = copy.origin {
            origin = try InstructionError.within(instruction, at: line) {
                try self.origin(from.text, platform)
            }
        }
        var mounts: [String: PlannedStage.Origin] = [:]
        if case .run(let run) = instruction.content {
            for name in run.mounts.compactMap(\.origin?.text) where mounts[name] == nil {
                mounts[name] = try InstructionError.within(instruction, at: line) {
                    try self.origin(name, platform)
                }
            }
        }
        return PlannedStage.Step(instruction: instruction, origin: origin, mounts: mounts, line: line)
    }

    private mutating func origin(_ name: String, _ platform: Platform) throws -> PlannedStage.Origin {
        if let context = finding.context(name) {
            guard context.isImage else { return .context(context.name) }
            return .image(try finding.contextImage(context.name, platform))
        }
        let isNumber = name.utf8.allSatisfy { (0x30...0x39).contains($0) }
        if let number = isNumber ? dockerfile.stage(target: name) : dockerfile.stage(named: name) {
            try plan(number)
            return .stage(number)
        }
        guard !isNumber else { throw BuildError.noSuchStage(name) }
        guard name != "scratch" else { throw BuildError.usage("--from", "scratch has no files") }
        return .image(try image(name, platform))
    }

    /// An image that is no stage; where there is none, the name was perhaps a stage's.
    private func image(_ name: String, _ platform: Platform) throws -> BaseImage {
        do {
            return try finding.image(name, platform)
        } catch let error as Interruption {
            throw error
        } catch {
            let stages = dockerfile.stages.compactMap(\.name)
            guard !stages.isEmpty, !name.contains(where: { "/.:@".contains($0) }),
                ErrorClass(of: error) == .registry
            else { throw error }
            throw BuildError.noStageNorImage(name, stages: stages, "\(error)")
        }
    }
}

/// A Dockerfile: its stages and their instructions, before variables became their values.
///
/// Reading takes time linear in the text, and nothing in it can make the reader trap.
///
/// Source: Dockerfile reference; BuildKit's parser for what that leaves open.
public struct Dockerfile: Sendable, Hashable {
    /// The parser directives.
    public let directives: Directives
    /// The ARG instructions before the first FROM.
    public private(set) var globalArguments: [Instruction] = []
    /// The stages, at least one.
    public private(set) var stages: [Stage] = []
    /// What is allowed and probably not meant, in the order of the file.
    public private(set) var warnings: [Warning] = []

    /// One FROM and the instructions up to the next.
    public struct Stage: Sendable, Hashable {
        /// The FROM instruction.
        public let instruction: Instruction
        /// What it says.
        public let from: From
        /// What follows it.
        public fileprivate(set) var instructions: [Instruction] = []
        /// The name, in small letters, where it has one.
        public var name: String? { from.name?.text }

        init(_ instruction: Instruction, _ from: From) { (self.instruction, self.from) = (instruction, from) }
    }

    /// Reads a Dockerfile.
    ///
    /// - Throws: ``SyntaxError`` for the first thing that is wrong.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(SyntaxError) {
        let source = try SourceText(bytes, limits: limits)
        directives = try Directives(source, warnings: &warnings)
        var reader = InstructionReader(source, escape: directives.escape, limits: limits)
        var (count, names) = (0, Set<String>())
        while let instruction = try reader.instruction() {
            count += 1
            guard count <= limits.instructions else {
                throw instruction.error("the file has more than \(limits.instructions) instructions")
            }
            try add(instruction, &names)
        }
        guard !stages.isEmpty else {
            let last = Position(line: max(source.lines.count, 1), column: 1)
            let what = count == 0 ? "the file has no instructions" : "the file has no FROM"
            throw SyntaxError(last, what, line: source.text(of: last.line - 1))
        }
        try checkOrigins()
        warnings = (warnings + reader.warnings).sorted { $0.position < $1.position }
    }

    private mutating func add(_ instruction: Instruction, _ names: inout Set<String>) throws(SyntaxError) {
        if case .from(let from) = instruction.content {
            if let name = from.name {
                if From.reserved.contains(name.text) {
                    warnings.append(Warning(name.position, "\(name.text.quoted) has a meaning of its own"))
                }
                if !names.insert(name.text).inserted {
                    warnings.append(
                        Warning(
                            name.position, "another stage is named \(name.text.quoted); the last one counts"))
                }
            }
            stages.append(Stage(instruction, from))
        } else if !stages.isEmpty {
            stages[stages.count - 1].instructions.append(instruction)
        } else if case .arg = instruction.content {
            globalArguments.append(instruction)
        } else {
            throw instruction.error(
                "\(instruction.keyword.rawValue) before the first FROM; only ARG may stand there")
        }
    }

    /// A number after `--from` counts stages, and none but the earlier ones can be complete.
    private func checkOrigins() throws(SyntaxError) {
        for (index, stage) in stages.enumerated() {
            for instruction in stage.instructions {
                guard case .copy(let copy) = instruction.content, let origin = copy.origin,
                    origin.text.utf8.allSatisfy(Characters.isDigit)
                else { continue }
                guard let number = Int(origin.text), number < stages.count, number != index else {
                    throw instruction.locating(origin.error("there is no other stage \(origin.text)"))
                }
            }
        }
    }

    /// The last stage of a name, large and small letters alike; with `before` the last one before a stage.
    ///
    /// FROM sees the stages before it; COPY --from sees all, and a circle is the planner's to refuse.
    public func stage(named name: String, before end: Int? = nil) -> Int? {
        let name = name.lowercased()
        return stages[..<min(end ?? stages.count, stages.count)].lastIndex { stage in
            stage.name.map { isSame($0, name) } ?? false
        }
    }

    /// The stage that `--target` names: by its name, or by its number from 0.
    public func stage(target: String) -> Int? {
        if let index = stage(named: target) { return index }
        guard target.utf8.allSatisfy(Characters.isDigit), let index = Int(target) else { return nil }
        return stages.indices.contains(index) ? index : nil
    }
}

extension Instruction {
    func error(_ reason: String) -> SyntaxError { locating(SyntaxError(position, reason)) }
}

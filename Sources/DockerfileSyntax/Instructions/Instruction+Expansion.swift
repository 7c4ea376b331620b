extension Instruction {
    /// An instruction whose words are expanded.
    public struct Expansion: Sendable, Hashable {
        /// The instruction with what its words became.
        public let instruction: Instruction
        /// The variables that its words asked for.
        public let use: VariableUse
    }

    /// Replaces the variables in the words of one instruction.
    ///
    /// Expanded are ADD, COPY, ENV, EXPOSE, FROM, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR, the values of ARG, the
    /// mounts of RUN, and here-documents of ADD and COPY whose word is not in quotes. All words see the variables as
    /// they were before the instruction; of ARG each value sees the ones before, so expand those by
    /// ``expanded(_:with:)``.
    ///
    /// - Throws: ``SyntaxError`` for a word that cannot be expanded, and for a value that the instruction cannot have.
    ///
    /// Source: Dockerfile reference, "Environment replacement".
    public func expanded(with variables: Variables) throws(SyntaxError) -> Expansion {
        var step = ExpansionStep(variables: variables, escape: escape)
        do {
            let content = try step.content(content)
            return Expansion(instruction: with(content), use: step.use)
        } catch {
            throw locating(error)
        }
    }

    /// Replaces the variables in one word of this instruction.
    public func expanded(
        _ word: Word, with variables: Variables
    ) throws(SyntaxError) -> (word: Word, use: VariableUse) {
        var step = ExpansionStep(variables: variables, escape: escape)
        do {
            return (try step.word(word), step.use)
        } catch {
            throw locating(error)
        }
    }
}

/// The expansion of one instruction.
private struct ExpansionStep {
    let variables: Variables
    let escape: Directives.Escape
    var use = VariableUse()

    mutating func content(_ content: Instruction.Content) throws(SyntaxError) -> Instruction.Content {
        switch content {
        case .add(let add):
            return .add(
                Add(
                    transfer: try transfer(add.transfer), checksum: try optional(add.checksum),
                    keepsGitDirectory: add.keepsGitDirectory, unpacks: add.unpacks))
        case .copy(let copy):
            return .copy(
                Copy(
                    transfer: try transfer(copy.transfer), origin: copy.origin,
                    keepsParents: copy.keepsParents))
        case .arg(let arguments):
            return .arg(
                try arguments.map { argument throws(SyntaxError) in
                    Argument(name: try word(argument.name), value: try optional(argument.value))
                })
        case .env(let pairs): return .env(try assignments(pairs, "ENV"))
        case .label(let pairs): return .label(try assignments(pairs, "LABEL"))
        case .expose(let ports):
            var expanded: [Word] = []
            for port in ports { expanded += try words(port) }
            for port in expanded { _ = try Port(port) }
            return .expose(expanded)
        case .from(let from):
            let expanded = From(
                base: try word(from.base), name: from.name, platform: try optional(from.platform))
            guard !expanded.base.text.isEmpty else {
                throw from.base.error("FROM \(from.base.text) names no image: the variables are empty")
            }
            return .from(expanded)
        case .run(let run): return .run(try self.run(run))
        case .stopSignal(let signal):
            let signal = try word(signal)
            try Signal.check(signal)
            return .stopSignal(signal)
        case .user(let user): return .user(try word(user))
        case .volume(let paths): return .volume(try all(paths))
        case .workdir(let path): return .workdir(try word(path))
        case .cmd, .entrypoint, .healthcheck, .maintainer, .onbuild, .shell: return content
        }
    }

    private mutating func run(_ run: Run) throws(SyntaxError) -> Run {
        let mounts = try run.mounts.map { flag throws(SyntaxError) in
            let fields = try flag.fields.map { field throws(SyntaxError) in
                MountFlag.Field(key: field.key, value: try optional(field.value))
            }
            return MountFlag(fields: fields, position: flag.position)
        }
        for mount in mounts { _ = try mount.mount() }
        return Run(
            command: run.command, heredocs: run.heredocs, mounts: mounts, network: run.network,
            security: run.security, isOnlyHeredoc: run.isOnlyHeredoc)
    }

    private mutating func transfer(_ transfer: Transfer) throws(SyntaxError) -> Transfer {
        let mode = try optional(transfer.mode)
        if let mode { _ = try FileMode(mode) }
        return Transfer(
            sources: try transfer.sources.map { source throws(SyntaxError) in
                switch source {
                case .path(let path): return .path(try word(path))
                case .heredoc(let heredoc): return .heredoc(try self.heredoc(heredoc))
                }
            },
            destination: try word(transfer.destination), owner: try optional(transfer.owner), mode: mode,
            isLinked: transfer.isLinked, excluded: try all(transfer.excluded))
    }

    /// In a here-document quotes mean themselves, and `\` escapes whatever the directive `escape` says, as in BuildKit.
    private mutating func heredoc(_ heredoc: Heredoc) throws(SyntaxError) -> Heredoc {
        guard heredoc.isExpanded else { return heredoc }
        let text = Word(heredoc.text, at: Position(line: heredoc.line, column: 1))
        let expanded = try expand(text, escape: .backslash, options: .keepsQuotes)
        return heredoc.expanded(to: expanded.text)
    }

    private mutating func assignments(
        _ pairs: [Assignment], _ keyword: String
    ) throws(SyntaxError) -> [Assignment] {
        try pairs.map { pair throws(SyntaxError) in
            let expanded = Assignment(
                name: try word(pair.name), value: try word(pair.value), isOldForm: pair.isOldForm)
            guard !expanded.name.text.isEmpty else {
                throw pair.name.error("\(keyword) names can not be blank")
            }
            return expanded
        }
    }

    private mutating func all(_ words: [Word]) throws(SyntaxError) -> [Word] {
        try words.map { word throws(SyntaxError) in try self.word(word) }
    }

    private mutating func optional(_ word: Word?) throws(SyntaxError) -> Word? {
        guard let word else { return nil }
        return try self.word(word)
    }

    mutating func word(_ word: Word) throws(SyntaxError) -> Word {
        word.with(try expand(word, escape: escape).text)
    }

    private mutating func words(_ word: Word) throws(SyntaxError) -> [Word] {
        try expand(word, escape: escape).words.map { word.with($0) }
    }

    private mutating func expand(
        _ word: Word, escape: Directives.Escape, options: WordExpander.Options = []
    ) throws(SyntaxError) -> (text: String, words: [String]) {
        var expander = WordExpander(
            Array(word.text.utf8), escape: escape, variables: variables, options: options)
        defer { use.add(expander.use) }
        do {
            return try expander.expanded()
        } catch {
            throw word.error(error.reason)
        }
    }
}

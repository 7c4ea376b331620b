/// Makes a node out of events.
struct YAMLReader: ~Copyable {
    private var events: YAMLEvents
    private var nodes = 0

    init(_ events: consuming YAMLEvents) { self.events = events }

    /// Reads the one document of the stream.
    mutating func document() throws(YAMLError) -> YAMLValue.Node {
        _ = try events.next()  // the start of the stream
        guard case .documentStart = try events.next() else {
            return YAMLValue.Node(.scalar("", isPlain: true), line: 1, column: 1)
        }
        let node = try node(try events.next(), depth: 0)
        _ = try events.next()  // the end of the document
        guard case .streamEnd = try events.next() else {
            throw failure("a second document, where only one is read")
        }
        return node
    }

    private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(YAMLError) -> YAMLValue.Node {
        let (line, column) = (events.line, events.column)
        nodes += 1
        guard nodes <= YAMLLimits.nodes else { throw failure("more than \(YAMLLimits.nodes) nodes") }
        let value: YAMLValue
        switch event {
        case .scalar(let text, let isPlain): value = .scalar(text, isPlain: isPlain)
        case .sequenceStart: value = try sequence(depth: try deeper(depth))
        case .mappingStart: value = try mapping(depth: try deeper(depth))
        case .alias: throw failure("aliases are not read: write the value out in place of *")
        default: throw failure("no value where one must stand")
        }
        return YAMLValue.Node(value, line: line, column: column)
    }

    private func deeper(_ depth: Int) throws(YAMLError) -> Int {
        guard depth < YAMLLimits.depth else {
            throw failure("more than \(YAMLLimits.depth) sequences and mappings inside one another")
        }
        return depth + 1
    }

    private mutating func sequence(depth: Int) throws(YAMLError) -> YAMLValue {
        var elements: [YAMLValue.Node] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event { return .sequence(elements) }
            elements.append(try node(event, depth: depth))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLError) -> YAMLValue {
        var members: [(key: YAMLValue.Node, value: YAMLValue.Node)] = []
        // By their bytes: `String` takes two spellings of one accented letter for one.
        var lines: [[UInt8]: Int] = [:]
        while true {
            let event = try events.next()
            if case .mappingEnd = event { return .mapping(members) }
            switch event {
            case .scalar("<<", isPlain: true):
                throw failure("the merge key << is not read: write the members out")
            case .scalar(let text, isPlain: _):
                if let line = lines.updateValue(events.line, forKey: Array(text.utf8)) {
                    throw failure("the key \(text.shown) stands on line \(line) already")
                }
            case .alias: throw failure("aliases are not read: write the key out in place of *")
            default: throw failure("a key that is a list or a mapping")
            }
            let key = try node(event, depth: depth)
            members.append((key: key, value: try node(try events.next(), depth: depth)))
        }
    }

    private func failure(_ reason: String) -> YAMLError {
        YAMLError(line: events.line, column: events.column, reason: reason)
    }
}

extension String {
    /// The text in quotation marks for a message, escaped and at most 80 characters long.
    fileprivate var shown: String {
        unicodeScalars.count <= 80
            ? debugDescription
            : String(String.UnicodeScalarView(unicodeScalars.prefix(80))).debugDescription + "…"
    }
}

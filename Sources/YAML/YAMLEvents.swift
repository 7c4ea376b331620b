import CYAML

/// A YAML text as libyaml's events, one after the other.
///
/// Owns libyaml's parser and a copy of the text, and lets no pointer out.
///
/// Source: libyaml 0.2, yaml.h, "Parser".
struct YAMLEvents: ~Copyable {
    /// What libyaml found next.
    enum Event {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias
        case scalar(String, isPlain: Bool)
        case sequenceStart, sequenceEnd
        case mappingStart, mappingEnd
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let bytes: [UInt8]
    /// Where libyaml's counting of characters has come to in the bytes.
    private var position = (character: 0, byte: 0)

    /// The line of the event that ``next()`` gave last, counted from 1.
    private(set) var line = 1
    /// The character in that line, counted from 1.
    private(set) var column = 1

    /// - Parameter bytes: UTF-8, which the caller has made sure of.
    init(_ bytes: [UInt8]) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        precondition(yaml_parser_initialize(parser) == 1, "libyaml has no memory for a parser")
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
        (self.parser, self.input, self.bytes) = (parser, input, bytes)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event.
    ///
    /// - Throws: ``YAMLError`` in libyaml's words, and for an anchor or a tag. The stream has ended
    ///   then, and must not be asked again.
    mutating func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { yaml_event_delete(&event) }
        (line, column) = (event.start_mark.line + 1, event.start_mark.column + 1)
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_ALIAS_EVENT: return .alias
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            // Of the tag `!` alone libyaml says nothing.
            let hasTag = scalar.tag != nil || byte(at: event.start_mark.index) == UInt8(ascii: "!")
            try refuse(hasAnchor: scalar.anchor != nil, hasTag: hasTag)
            let memory = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            guard !memory.contains(0) else { throw refused("a NUL in a text") }
            return .scalar(
                String(decoding: memory, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            try refuse(hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
            return .sequenceStart
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            try refuse(hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
            return .mappingStart
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: throw refused("an event that libyaml did not have before")
        }
    }

    /// The byte where libyaml's n-th character begins; `nil` behind the end and for what was passed before.
    private mutating func byte(at character: Int) -> UInt8? {
        guard character >= position.character else { return nil }
        while position.character < character, position.byte < bytes.count {
            position.byte += 1
            while position.byte < bytes.count, bytes[position.byte] & 0xC0 == 0x80 { position.byte += 1 }
            position.character += 1
        }
        return position.byte < bytes.count ? bytes[position.byte] : nil
    }

    private func refuse(hasAnchor: Bool, hasTag: Bool) throws(YAMLError) {
        if hasAnchor { throw refused("anchors are not read: remove the & and its name") }
        if hasTag { throw refused("tags are not read: remove the ! and its name") }
    }

    private func refused(_ reason: String) -> YAMLError {
        YAMLError(line: line, column: column, reason: reason)
    }

    /// What libyaml says of its own failure.
    private var failure: YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "libyaml gave no reason"
        switch parser.pointee.error {
        case YAML_MEMORY_ERROR: return refused("out of memory")
        case YAML_READER_ERROR:
            let place = YAMLText.place(of: parser.pointee.problem_offset, in: bytes)
            return YAMLError(line: place.line, column: place.column, reason: problem)
        default:
            let context = parser.pointee.context.map { String(cString: $0) + ", " } ?? ""
            let mark = parser.pointee.problem_mark
            return YAMLError(line: mark.line + 1, column: mark.column + 1, reason: context + problem)
        }
    }

    /// The version of libyaml, as it says itself: `0.2.5`.
    static var libraryVersion: String { String(cString: yaml_get_version_string()) }
}

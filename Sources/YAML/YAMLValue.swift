/// A YAML value that keeps order, places, and whether a text was quoted.
///
/// Nothing is guessed: a scalar is the text that stands there, and whoever reads it says which type
/// it must have. YAML 1.1 and 1.2 disagree on what `yes`, `010` and `1_000` are, so that no reading
/// of this package takes those for a truth value or a number.
///
/// Source: YAML 1.1 as libyaml parses it, without what ``init(parsing:)`` refuses.
public enum YAMLValue: Sendable {
    /// A text, and whether it stands without quotation marks and is no block (`|`, `>`).
    case scalar(String, isPlain: Bool)
    /// Nodes in their order.
    case sequence([Node])
    /// Keys, all of them scalars and none twice, with their values, in their order.
    case mapping([(key: Node, value: Node)])

    /// A value and where it begins.
    public struct Node: Sendable {
        /// What stands there.
        public let value: YAMLValue
        /// The line, counted from 1.
        public let line: Int
        /// The character in that line, counted from 1.
        public let column: Int

        /// A value at a place.
        public init(_ value: YAMLValue, line: Int, column: Int) {
            (self.value, self.line, self.column) = (value, line, column)
        }
    }
}

extension YAMLValue.Node {
    /// Reads one YAML document; a text without any is an empty scalar.
    ///
    /// Stricter than YAML, because a reader that sees another value than its writer is worse than
    /// none. Refused are aliases, anchors, tags, the merge key `<<`, `%TAG`, keys that are no
    /// scalars, the same key twice (by its bytes), a second document, and characters that some
    /// readers take for the end of a line and others do not. A text has at most 1 MiB, 100,000 nodes
    /// and 32 levels.
    ///
    /// - Parameter bytes: The whole text, in UTF-8; a byte order mark may stand in front.
    /// - Throws: ``YAMLError`` with the place of the first mistake.
    public init(parsing bytes: [UInt8]) throws(YAMLError) {
        try YAMLText.check(bytes)
        try YAMLText.refuseTagDirectives(in: bytes)
        var reader = YAMLReader(YAMLEvents(bytes))
        self = try reader.document()
    }

    /// Whether nothing stands there, or plain `null` or `~`.
    public var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = value else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The text as it stands, if it is a scalar and not null.
    ///
    /// A plain `1.10` or `true` is this text too: who asks for a text gets what was written.
    public var text: String? {
        guard case .scalar(let text, isPlain: _) = value, !isNull else { return nil }
        return text
    }

    /// The number, if it is a plain whole one that fits 64 bits.
    ///
    /// In decimal digits without a plus, underscores and zeros in front, which not all readers
    /// understand alike.
    public var integer: Int64? {
        guard case .scalar(let text, isPlain: true) = value, let number = Int64(text), String(number) == text
        else { return nil }
        return number
    }

    /// The truth value, if it is plain `true` or `false`, and neither `yes` nor `True`.
    public var boolean: Bool? {
        switch value {
        case .scalar("true", isPlain: true): true
        case .scalar("false", isPlain: true): false
        default: nil
        }
    }

    /// The nodes, if it is a sequence.
    public var sequence: [YAMLValue.Node]? {
        if case .sequence(let nodes) = value { nodes } else { nil }
    }

    /// Keys and values, if it is a mapping.
    public var mapping: [(key: YAMLValue.Node, value: YAMLValue.Node)]? {
        if case .mapping(let members) = value { members } else { nil }
    }
}

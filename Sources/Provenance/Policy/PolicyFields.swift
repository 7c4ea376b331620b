import OCI
import YAML

/// One mapping of a policy, read key by key.
struct PolicyFields {
    /// What a text must look like.
    enum TextRule {
        /// Not empty, and without control characters.
        case line
        /// A URI: a scheme, and something behind it.
        case uri
        /// A commit's full name, in small letters.
        case commit
        /// `sha256:` and 64 digits.
        case digest
    }

    /// The mapping itself, for its place.
    let node: YAMLValue.Node
    private let what: String
    private let values: [[UInt8]: YAMLValue.Node]

    /// - Parameters:
    ///   - node: What must be a mapping.
    ///   - what: What it is, for messages, with its article.
    ///   - keys: The keys that it may have.
    ///   - example: The beginning of a right one, for messages.
    /// - Throws: ``PolicyError`` when it is none, and for a key that it may not have.
    init(
        _ node: YAMLValue.Node, of what: String, _ keys: [String], example: String
    ) throws(PolicyError) {
        guard let members = node.mapping else {
            throw PolicyError(node, "\(node.kind) where \(what) must stand, such as \(example)")
        }
        var values: [[UInt8]: YAMLValue.Node] = [:]
        for (key, value) in members {
            let name = key.text ?? ""
            guard keys.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
                let hint = Spelling.suggestion(for: name, among: keys).map { "did you mean \($0)?" }
                let reason = "\(what) has no key \(name.shown): "
                throw PolicyError(key, reason + (hint ?? "it may have \(keys.joined(separator: ", "))"))
            }
            values[Array(name.utf8)] = value
        }
        (self.node, self.what, self.values) = (node, what, values)
    }

    /// The value of a key, if the mapping has it.
    subscript(key: String) -> YAMLValue.Node? { values[Array(key.utf8)] }

    func required(_ key: String, write example: String) throws(PolicyError) -> YAMLValue.Node {
        guard let value = self[key] else { throw PolicyError(node, "\(key) is missing; write \(example)") }
        return value
    }

    func text(_ key: String, _ rule: TextRule) throws(PolicyError) -> String? {
        guard let value = self[key] else { return nil }
        return try Self.text(value, rule, of: key)
    }

    func texts(_ key: String, _ rule: TextRule) throws(PolicyError) -> [String] {
        var texts: [String] = []
        for value in try list(key) { texts.append(try Self.text(value, rule, of: key)) }
        return texts
    }

    /// The elements of a key's list, of which there must be one; none where the key is absent.
    func list(_ key: String) throws(PolicyError) -> [YAMLValue.Node] {
        guard let value = self[key] else { return [] }
        guard let elements = value.sequence else {
            throw PolicyError(
                value, "\(key) is \(value.kind), where a list must stand: write [ and ] around it")
        }
        guard !elements.isEmpty else {
            throw PolicyError(value, "\(key) is an empty list; leave the key out to ask for nothing")
        }
        return elements
    }

    func seconds(_ key: String) throws(PolicyError) -> Int64? {
        guard let value = self[key] else { return nil }
        let text = try Self.text(value, .line, of: key)
        do throws(TimeSpanError) {
            return try TimeSpan(parsing: text).seconds
        } catch {
            throw PolicyError(value, "\(key): \(error.description)")
        }
    }

    static func text(
        _ node: YAMLValue.Node, _ rule: TextRule, of key: String
    ) throws(PolicyError) -> String {
        guard let text = node.text else {
            throw PolicyError(node, "\(key) is \(node.kind), where a text must stand")
        }
        if let objection = rule.objection(to: text) {
            throw PolicyError(node, "\(key) is \(text.shown); \(objection)")
        }
        return text
    }
}

extension PolicyFields.TextRule {
    /// What must be changed, if anything.
    fileprivate func objection(to text: String) -> String? {
        if text.isEmpty { return "leave the key out to ask for nothing" }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "it must be one line" }
        switch self {
        case .line: return nil
        case .uri: return Self.isURI(text) ? nil : "write a URI, such as https://example.com/builder"
        case .commit:
            let isCommit = CommitID(text).map { $0.hex.utf8.elementsEqual(text.utf8) } ?? false
            return isCommit ? nil : "write all of its 40 or 64 hexadecimal digits, in small letters"
        case .digest:
            return (try? Digest(parsing: text)) == nil
                ? "write sha256: and 64 hexadecimal digits, in small letters" : nil
        }
    }

    /// Whether it has a scheme and something behind it; RFC 3986, section 3.
    private static func isURI(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1)
        guard parts.count == 2, let first = parts[0].first, isLetter(first), !text.hasPrefix(":") else {
            return false
        }
        return parts[0].allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0) }
            && !parts[1].contains(0x20)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

extension YAMLValue.Node {
    /// What it is, for a message.
    var kind: String {
        if isNull { return "nothing" }
        return switch value {
        case .scalar: "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The text, or what it is else, for a message.
    var shown: String { text?.shown ?? kind }
}

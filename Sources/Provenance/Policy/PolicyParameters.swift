import OCI
import YAML

/// The mapping `parameters` of a policy: what each external parameter must be.
struct PolicyParameters {
    private var rules: [ParameterRule] = []
    /// The line of each rule, by its path; names by their bytes.
    private var lines: [[[UInt8]]: Int] = [:]
    /// The line that first led below each path.
    private var outer: [[[UInt8]]: Int] = [:]

    /// The most names of a path; JSON documents have at most 64 levels, and no provenance a fraction of that.
    private static let depth = 32
    /// The most bytes of a path's names, so that many rules below one long name are no work without end.
    private static let limit = 1_024

    static func rules(in node: YAMLValue.Node) throws(PolicyError) -> [ParameterRule] {
        var parameters = PolicyParameters()
        try parameters.read(node, below: [])
        return parameters.rules
    }

    private mutating func read(_ node: YAMLValue.Node, below outer: [String]) throws(PolicyError) {
        guard let members = node.mapping else {
            throw PolicyError(node, "parameters is \(node.kind), where names and values must stand")
        }
        guard !members.isEmpty else {
            throw PolicyError(node, "no parameter is named here; leave the key out")
        }
        for (key, value) in members {
            let path = outer + (try names(in: key))
            guard path.count <= Self.depth else {
                throw PolicyError(key, "more than \(Self.depth) names inside one another")
            }
            guard path.reduce(0, { $0 + $1.utf8.count }) <= Self.limit else {
                throw PolicyError(key, "names of more than \(Self.limit) bytes inside one another")
            }
            if value.mapping != nil {
                try read(value, below: path)
            } else {
                try claim(path, for: key)
                rules.append(ParameterRule(path: path, rule: try rule(value)))
            }
        }
    }

    /// The names of a key such as `codeMetadata.branch`; `\.` is a dot of a name, `\\` its backslash.
    private func names(in key: YAMLValue.Node) throws(PolicyError) -> [String] {
        var names: [[UInt8]] = [[]]
        var bytes = Array((key.text ?? "").utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "."): names.append([])
            case UInt8(ascii: "\\"):
                guard let next = bytes.popFirst(), next == UInt8(ascii: ".") || next == UInt8(ascii: "\\")
                else {
                    throw PolicyError(
                        key, "\\ without a . or another \\ behind it; write \\\\ for a backslash")
                }
                names[names.count - 1].append(next)
            default: names[names.count - 1].append(byte)
            }
        }
        guard names.allSatisfy({ !$0.isEmpty }) else {
            throw PolicyError(
                key, "\(key.shown) has an empty name; write \\. for a dot that is part of a name")
        }
        return names.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Makes sure that no other rule is about the same parameter, one around it or one in it.
    private mutating func claim(_ path: [String], for key: YAMLValue.Node) throws(PolicyError) {
        let names = path.map { Array($0.utf8) }
        if let line = lines[names] ?? outer[names] { throw twice(path, key, line) }
        for count in 1..<names.count {
            let around = Array(names.prefix(count))
            if let line = lines[around] { throw twice(path, key, line) }
            if outer[around] == nil { outer[around] = key.line }
        }
        lines[names] = key.line
    }

    private func twice(_ path: [String], _ key: YAMLValue.Node, _ line: Int) -> PolicyError {
        let path = path.joined(separator: ".").shown
        return PolicyError(key, "line \(line) has a rule for \(path), or a part of it, already")
    }

    private func rule(_ node: YAMLValue.Node) throws(PolicyError) -> ParameterRule.Rule {
        guard let elements = node.sequence else {
            return Self.isAny(node) ? .any : .equals(try value(node))
        }
        guard !elements.isEmpty else {
            throw PolicyError(node, "an empty list, which no value is in; write \"*\" for any value")
        }
        var values: [JSONValue] = []
        for element in elements {
            guard !Self.isAny(element) else {
                throw PolicyError(element, "\"*\" for any value stands alone; write it without the list")
            }
            values.append(try value(element))
        }
        return .oneOf(values)
    }

    private static func isAny(_ node: YAMLValue.Node) -> Bool { node.text == "*" }

    /// The value that a parameter is compared with.
    private func value(_ node: YAMLValue.Node) throws(PolicyError) -> JSONValue {
        switch node.value {
        case .mapping: throw PolicyError(node, "a mapping in a list; write a rule for each of its members")
        case .sequence(let elements):
            var values: [JSONValue] = []
            for element in elements { values.append(try value(element)) }
            return .array(values)
        case .scalar(let text, isPlain: false): return .string(text)
        case .scalar(let text, isPlain: true):
            if node.isNull { throw PolicyError(node, "no value; write one, or \"*\" for any") }
            if let boolean = node.boolean { return .bool(boolean) }
            if let integer = node.integer { return .number(JSONNumber(integer)) }
            guard !AmbiguousText.holds(text) else {
                let reason = "\(text.shown) is a text to some readers of YAML and something else to others; "
                throw PolicyError(
                    node, reason + "write it in quotation marks, or true, false or a whole number")
            }
            return .string(text)
        }
    }
}

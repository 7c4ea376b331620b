public import OCI

/// A place in a JSON document where two documents differ.
public struct DocumentDifference: Sendable {
    /// The place, such as `config.Labels["a.b"]` or `history[2].comment`.
    public let path: String
    /// What stands there in the first document; `nil` for nothing.
    public let first: JSONValue?
    /// What stands there in the second one.
    public let second: JSONValue?

    /// The difference as a program reads it.
    public var json: JSONValue {
        var json: JSONObject = ["path": .string(path)]
        json["first"] = first
        json["second"] = second
        return .object(json)
    }
}

/// Compares two JSON documents member by member, whatever their order.
///
/// Elements of arrays of the same length are compared one by one; of others,
/// what both begin and end with is left out first.
struct DocumentComparison {
    /// The differences, in the first document's order.
    private(set) var differences: [DocumentDifference] = []

    /// Compares documents.
    init(_ first: JSONValue, _ second: JSONValue) { compare(first, second, at: "") }

    private mutating func compare(_ first: JSONValue?, _ second: JSONValue?, at path: String) {
        switch (first, second) {
        case (.object(let first)?, .object(let second)?): compare(first, second, at: path)
        case (.array(let first)?, .array(let second)?): compare(first, second, at: path)
        case _ where first == second: break
        default: differences.append(DocumentDifference(path: path, first: first, second: second))
        }
    }

    private mutating func compare(_ first: JSONObject, _ second: JSONObject, at path: String) {
        // A dictionary, for an object may have many members, and its subscript looks at each of them.
        let others = Dictionary(
            second.members.map { (Array($0.key.utf8), $0.value) }, uniquingKeysWith: { first, _ in first })
        let own = Set(first.members.map { Array($0.key.utf8) })
        for member in first.members {
            compare(member.value, others[Array(member.key.utf8)], at: Self.path(path, member.key))
        }
        for member in second.members where !own.contains(Array(member.key.utf8)) {
            compare(nil, member.value, at: Self.path(path, member.key))
        }
    }

    private mutating func compare(_ first: [JSONValue], _ second: [JSONValue], at path: String) {
        guard first.count != second.count else {
            for (number, pair) in zip(first, second).enumerated() {
                compare(pair.0, pair.1, at: "\(path)[\(number)]")
            }
            return
        }
        let start = zip(first, second).prefix { $0 == $1 }.count
        let rest = min(first.count, second.count) - start
        let end = zip(first.reversed(), second.reversed()).prefix(rest).prefix { $0 == $1 }.count
        for number in start..<max(first.count, second.count) - end {
            compare(
                number < first.count - end ? first[number] : nil,
                number < second.count - end ? second[number] : nil, at: "\(path)[\(number)]")
        }
    }

    private static func path(_ parent: String, _ key: String) -> String {
        let isPlain =
            !key.isEmpty
            && key.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || byte == 95 || byte == 45
            }
        guard isPlain else {
            return parent + "[\(String(decoding: JSONValue.string(key).serialized(), as: UTF8.self))]"
        }
        return parent.isEmpty ? key : "\(parent).\(key)"
    }
}

import YAML

/// Bytes as a YAML text: what is read stays within the bounds, and written as a flow it is read again as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzYAML(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let node = try? YAMLValue.Node(parsing: bytes) else { return 0 }
    let text = written(node, depth: 0)
    guard let again = try? YAMLValue.Node(parsing: Array(text.utf8)) else {
        // What is quoted takes more room.
        guard text.utf8.count > 1 << 20 else { fatalError("what was written is not read: \(text)") }
        return 0
    }
    guard written(again, depth: 0).utf8.elementsEqual(text.utf8) else {
        fatalError("\(text) reads otherwise")
    }
    return 0
}

private func written(_ node: YAMLValue.Node, depth: Int) -> String {
    precondition(depth <= 32 && node.line > 0 && node.column > 0)
    switch node.value {
    case .scalar(let text, isPlain: _):
        precondition(node.isNull || node.text?.utf8.elementsEqual(text.utf8) == true)
        // Every character by its number.
        return "\"" + text.unicodeScalars.map { "\\U" + padded(String($0.value, radix: 16)) }.joined() + "\""
    case .sequence(let nodes):
        return "[" + nodes.map { written($0, depth: depth + 1) }.joined(separator: ",\n") + "]"
    case .mapping(let members):
        return "{"
            + members.map {
                "? " + written($0.key, depth: depth) + " : " + written($0.value, depth: depth + 1)
            }
            .joined(separator: ",\n") + "}"
    }
}

private func padded(_ digits: String) -> String { String(repeating: "0", count: 8 - digits.count) + digits }

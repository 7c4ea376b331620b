import Provenance

/// Bytes as a policy, and their lines as requirements, versions and times.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPolicy(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let expectations = try? Policy(parsing: bytes).expectations {
        precondition(expectations.builders.allSatisfy { !$0.ids.isEmpty && (0...3).contains($0.level ?? 0) })
        precondition(expectations.verifiers.allSatisfy { !$0.ids.isEmpty })
        precondition(expectations.maxAge ?? 1 > 0 && !expectations.isStrict)
        let paths = expectations.parameters.map { $0.map { $0.path.map { Array($0.utf8) } } }
        precondition(paths.map { Set($0).count == $0.count && !$0.isEmpty } ?? true)
    }
    let texts = bytes.split(separator: 10).prefix(8).map { String(decoding: $0, as: UTF8.self) }
    for text in texts {
        if let span = try? TimeSpan(parsing: text) {
            precondition((1...TimeSpan.limit).contains(span.seconds))
        }
        guard let requirement = try? VersionRequirement(parsing: text) else { continue }
        guard (try? VersionRequirement(parsing: requirement.description)) == requirement else {
            fatalError("\(requirement) reads otherwise")
        }
        for version in texts { _ = requirement.isMet(by: version) }
    }
    checkOrder(texts)
    return 0
}

/// Of two versions exactly one relation is true, and a third one stands in the same order to both.
private func checkOrder(_ texts: [String]) {
    // A comma begins the next bound, and a space around a version is no part of it.
    let versions = texts.filter { text in
        !text.utf8.contains { ", \t".utf8.contains($0) }
            && (try? VersionRequirement(parsing: "a>=\(text)")) != nil
    }
    func holds(_ left: String, _ relation: String, _ right: String) -> Bool {
        (try? VersionRequirement(parsing: "a\(relation)\(right)"))?.isMet(by: left) ?? false
    }
    for one in versions {
        for other in versions {
            let relations = ["<", "=", ">"].filter { holds(one, $0, other) }
            guard relations.count == 1 else { fatalError("\(one) and \(other): \(relations)") }
            guard holds(other, ["<": ">", "=": "=", ">": "<"][relations[0]] ?? "", one) else {
                fatalError("\(one) \(relations[0]) \(other), but not the other way round")
            }
            for third in versions where relations[0] == "<" && holds(other, "<", third) {
                guard holds(one, "<", third) else { fatalError("\(one) < \(other) < \(third)") }
            }
        }
    }
}

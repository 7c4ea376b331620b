import Build
import OCI

extension BuildOutline {
    /// The outline as a person reads it.
    var text: String {
        var lines: [String] = []
        for stage in stages {
            if !lines.isEmpty { lines.append("") }
            let digest = stage.baseDigest.map { "@\($0)" } ?? ""
            lines.append("\(stage.name)  FROM \(stage.base)\(digest)  \(stage.platform)")
            for step in stage.steps {
                let text = InstructionText(step.text)
                let line = String(step.line)
                lines.append(
                    "  \(String(repeating: " ", count: max(4 - line.count, 0)))\(line)  \(step.outcome.word)  \(text)"
                )
                if let reason = step.outcome.reason {
                    lines.append("                  because \(reason)")
                }
            }
        }
        if !skipped.isEmpty {
            lines.append("\nskipped, for nothing needs it: \(skipped.joined(separator: ", "))")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The outline as a program reads it.
    var json: String {
        let value: JSONValue = [
            "stages": .array(stages.map(\.json)), "skipped": .array(skipped.map { .string($0) }),
        ]
        return String(decoding: value.serialized(indent: 2), as: UTF8.self) + "\n"
    }
}

extension BuildOutline.Stage {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["name": .string(name), "base": .string(base)]
        object["baseDigest"] = baseDigest.map { .string($0) }
        object["platform"] = .string(platform)
        object["instructions"] = .array(
            steps.map { step in
                var object: JSONObject = [
                    "line": .number(JSONNumber(step.line)), "text": .string(step.text),
                    "outcome": .string(step.outcome.name),
                ]
                object["reason"] = step.outcome.reason.map { .string($0) }
                return .object(object)
            })
        return .object(object)
    }
}

extension BuildOutline.Step.Outcome {
    /// One word, for programs.
    fileprivate var name: String {
        switch self {
        case .configuration: "configuration"
        case .kept: "cached"
        case .made: "build"
        case .unknown: "unknown"
        case .refused: "refused"
        }
    }

    /// The word in a column.
    fileprivate var word: String {
        let word = self == .configuration ? "" : name
        return word + String(repeating: " ", count: 8 - word.count)
    }

    fileprivate var reason: String? {
        switch self {
        case .configuration, .kept: nil
        case .made(let reason), .unknown(let reason), .refused(let reason): reason
        }
    }
}

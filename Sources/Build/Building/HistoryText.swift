import DockerfileSyntax
import OCI
import Provenance

/// What a history says of an instruction: an image's readers know the texts that BuildKit writes.
///
/// Source: BuildKit's Dockerfile front end, `commitToHistory`.
enum HistoryText {
    /// `["/bin/sh" "-c" "x"]`.
    static func quoted(_ words: [String]) -> String {
        "[\(words.map(quoted).joined(separator: " "))]"
    }

    /// `map[80/tcp:{} 81/udp:{}]`, as the ports were printed since Docker had no list of them.
    static func ports(_ ports: [String]) -> String {
        "EXPOSE map[\(Set(ports).sorted().map { "\($0):{}" }.joined(separator: " "))]"
    }

    /// `[a b]`.
    static func list(_ words: [String]) -> String { "[\(words.joined(separator: " "))]" }

    /// `a=b c=d`.
    static func pairs(_ pairs: [Assignment]) -> String {
        pairs.map { "\($0.name.text)=\($0.value.text)" }.joined(separator: " ")
    }

    static func healthcheck(_ check: JSONObject) -> String {
        let test = check["Test"]?.array?.compactMap(\.string) ?? []
        let times = ["Interval", "Timeout", "StartPeriod", "StartInterval"].map { name in
            "\(name):\(duration(check[name]?.int64 ?? 0))"
        }
        let retries = check["Retries"]?.int64 ?? 0
        return "HEALTHCHECK {Test:\(list(test)) \(times.joined(separator: " ")) Retries:\(retries)}"
    }

    /// ARG with the values that its arguments have, but for those that look secret: everybody reads a history.
    static func arguments(_ arguments: [(name: String, value: String?)]) -> String {
        let texts = arguments.map { name, value in
            guard let value, !Redaction.looksSecret(name: name), !Redaction.looksSecret(value: value) else {
                return name
            }
            return "\(name)=\(value)"
        }
        return "ARG " + texts.joined(separator: " ")
    }

    /// COPY or ADD, its words expanded.
    static func transfer(_ keyword: Keyword, _ transfer: Transfer, keepsParents: Bool) -> String {
        var words = [keyword.rawValue]
        if keepsParents { words.append("--parents") }
        if let owner = transfer.owner { words.append("--chown=\(owner.text)") }
        if let mode = transfer.mode { words.append("--chmod=\(mode.text)") }
        for source in transfer.sources {
            if case .path(let word) = source { words.append(Redaction.withoutUserInformation(word.text)) }
        }
        for source in transfer.sources {
            if case .heredoc(let heredoc) = source { words.append("<<\(heredoc.name)") }
        }
        return (words + [transfer.destination.text, "# buildkit"]).joined(separator: " ")
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                if scalar.properties.generalCategory == .control {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\x" + (digits.count < 2 ? "0" : "") + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    /// A duration as Go prints it: `1m30s`.
    private static func duration(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "0s" }
        let units: [(name: String, value: Int64)] = [("h", 3_600_000_000_000), ("m", 60_000_000_000)]
        var (rest, text) = (nanoseconds, "")
        if rest < 1_000_000_000 { return decimal(rest, 1_000_000) + "ms" }
        for unit in units where rest >= unit.value || !text.isEmpty {
            text += "\(rest / unit.value)\(unit.name)"
            rest %= unit.value
        }
        return text + decimal(rest, 1_000_000_000) + "s"
    }

    private static func decimal(_ number: Int64, _ unit: Int64) -> String {
        let (whole, rest) = number.quotientAndRemainder(dividingBy: unit)
        guard rest != 0 else { return "\(whole)" }
        let digits = String(unit + rest).dropFirst()
        return "\(whole)." + digits.prefix(digits.count - digits.reversed().prefix { $0 == "0" }.count)
    }
}

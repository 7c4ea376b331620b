import Build
import Linux
import OCI

/// Differences for a person; whatever an image says is escaped.
struct DifferenceText {
    private var members = (manifest: 0, configuration: 0)
    private var layers = 0
    private var entries = (removed: 0, added: 0, changed: 0)

    /// One difference.
    mutating func lines(of difference: ImageDifference) -> String {
        switch difference {
        case .manifest(let found):
            members.manifest = found.count
            return "manifest\n" + found.map(Self.line).joined()
        case .configuration(let found):
            members.configuration = found.count
            return "config\n" + found.map(Self.line).joined()
        case .layer(let pair):
            layers += 1
            return Self.line(pair)
        case .entry(let found): return Self.lines(found)
        case .layerEnd(let findings):
            entries.removed += findings.removed
            entries.added += findings.added
            entries.changed += findings.changed
            return Self.lines(findings)
        }
    }

    /// The last line.
    var summary: String {
        var words: [String] = []
        for (number, what) in [(members.manifest, "manifest"), (members.configuration, "config")]
        where number > 0 {
            words.append("\(number) member\(number == 1 ? "" : "s") of the \(what)")
        }
        if layers > 0 { words.append("\(layers) layer\(layers == 1 ? "" : "s")") }
        for (number, what) in [
            (entries.removed, "removed"), (entries.added, "added"), (entries.changed, "changed"),
        ] where number > 0 {
            words.append("\(Quantity.count(number)) entr\(number == 1 ? "y" : "ies") \(what)")
        }
        return "different: " + words.joined(separator: ", ") + "\n"
    }

    private static func line(_ difference: DocumentDifference) -> String {
        guard !difference.path.isEmpty else {
            return "  ~ the same members in other bytes: their order, or white space\n"
        }
        let path = escapedJSON(difference.path)
        switch (difference.first, difference.second) {
        case (let first?, nil): return "  - \(path): \(text(first))\n"
        case (nil, let second?): return "  + \(path): \(text(second))\n"
        case (let first, let second): return "  ~ \(path): \(text(first)) → \(text(second))\n"
        }
    }

    private static func text(_ value: JSONValue?) -> String {
        value.map { escapedJSON(String(decoding: $0.serialized(), as: UTF8.self)) } ?? ""
    }

    /// JSON has its own backslashes, which need no doubling; what it leaves alone may still steer a terminal.
    private static func escapedJSON(_ text: String) -> String {
        text.utf8.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false)
            .map { escaped($0) }.joined(separator: "\\")
    }

    private static func line(_ pair: LayerPair) -> String {
        switch (pair.first, pair.second) {
        case (let first?, nil): "layer \(pair.number) only in the first: \(layer(first))\n"
        case (nil, let second?): "layer \(pair.number) only in the second: \(layer(second))\n"
        default:
            "layer \(pair.number)\(pair.isSameTar ? ": the same tar, stored otherwise" : "")\n"
                + "  - \(pair.first.map(layer) ?? "")\n  + \(pair.second.map(layer) ?? "")\n"
        }
    }

    private static func layer(_ layer: Descriptor) -> String {
        "\(layer.digest)  \(Quantity.bytes(layer.size))  \(escaped(layer.mediaType.description.utf8))"
    }

    private static func lines(_ entry: EntryDifference) -> String {
        let sign = entry.first == nil ? "+" : entry.second == nil ? "-" : "~"
        return "  \(sign) \(escaped(entry.path))\n" + entry.fields.map { line($0, margin: "      ") }.joined()
    }

    private static func line(_ field: FieldDifference, margin: String) -> String {
        guard field.first != nil || field.second != nil else { return "\(margin)\(field.name) differ\n" }
        let (first, second) = (field.first?.description ?? "(none)", field.second?.description ?? "(none)")
        return "\(margin)\(field.name): \(first) → \(second)\n"
    }

    private static func lines(_ findings: LayerFindings) -> String {
        var lines = ""
        if let order = findings.order {
            lines += "  order: \(escaped(order.second)) stands where the first has \(escaped(order.first))\n"
        }
        if let headers = findings.headers {
            let fields = headers.fields.isEmpty ? "" : ": " + headers.fields.joined(separator: ", ")
            lines +=
                "  header bytes of \(Quantity.count(headers.count)) equal entr"
                + "\(headers.count == 1 ? "y" : "ies"), the first \(escaped(headers.path))\(fields)\n"
        }
        lines += findings.form.map { line($0, margin: "  ") }.joined()
        if findings.isUnexplained {
            lines +=
                findings.form.isEmpty
                ? "  bytes that no reader looks at differ\n"
                : "  the first header says the same: another level, or another version of the compressor\n"
        }
        return lines
    }
}

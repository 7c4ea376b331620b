import Build
import OCI

/// Differences as one JSON object, written piece by piece: there may be millions of entries.
struct DifferenceJSON {
    private let comparison: ImageComparison
    private var hasLayers = false
    private var hasEntries = false

    init(_ comparison: ImageComparison) { self.comparison = comparison }

    /// What comes first.
    var beginning: String {
        let digests = comparison.digests
        return """
            {"first":"\(digests.first)","second":"\(digests.second)","identical":\(comparison.isIdentical)
            """
    }

    /// One difference.
    mutating func piece(of difference: ImageDifference) -> String {
        switch difference {
        case .manifest(let found): return ",\n\"manifest\":" + Self.text(.array(found.map(\.json)))
        case .configuration(let found): return ",\n\"config\":" + Self.text(.array(found.map(\.json)))
        case .layer(let pair):
            defer { (hasLayers, hasEntries) = (true, false) }
            return (hasLayers ? ",\n" : ",\n\"layers\":[\n") + Self.beginning(of: pair)
        case .entry(let entry):
            defer { hasEntries = true }
            return (hasEntries ? ",\n" : "\n") + Self.text(entry.json)
        case .layerEnd(let findings):
            return "]," + Self.text(.object(findings.json)).dropFirst()
        }
    }

    /// What comes last.
    var end: String { hasLayers ? "]}\n" : "}\n" }

    private static func beginning(of pair: LayerPair) -> String {
        var json: JSONObject = ["layer": .number(JSONNumber(pair.number)), "sameTar": .bool(pair.isSameTar)]
        json["first"] = pair.first?.json
        json["second"] = pair.second?.json
        return text(.object(json)).dropLast() + ",\"entries\":["
    }

    private static func text(_ value: JSONValue) -> String {
        String(decoding: value.serialized(), as: UTF8.self)
    }
}

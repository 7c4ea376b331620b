import Layers
public import OCI

/// What ``ImageComparison`` finds, in this order; entries lie between their layer's begin and end.
public enum ImageDifference: Sendable {
    /// Members of the manifests.
    case manifest([DocumentDifference])
    /// Members of the configurations.
    case configuration([DocumentDifference])
    /// A layer that is stored otherwise, or that only one image has.
    case layer(LayerPair)
    /// An entry of it.
    case entry(EntryDifference)
    /// What is to be said of it beside its entries.
    case layerEnd(LayerFindings)
}

/// The layers of two images that lie at the same height.
public struct LayerPair: Sendable {
    /// Which layer, 1 being the lowest.
    public let number: Int
    /// The first image's layer; `nil` where it has none.
    public let first: Descriptor?
    /// The second image's layer.
    public let second: Descriptor?
    /// Whether both hold the same tar.
    public let isSameTar: Bool
}

/// In what two layers differ beside their entries, and the entries in numbers.
public struct LayerFindings: Sendable {
    /// Entries that only the first layer has.
    public internal(set) var removed = 0
    /// Entries that only the second layer has.
    public internal(set) var added = 0
    /// Entries that both have in two ways.
    public internal(set) var changed = 0
    /// What stands in each layer where the order of the entries first differs.
    public internal(set) var order: (first: [UInt8], second: [UInt8])?
    /// Equal entries whose headers are other bytes: how many, the first one's path, and the fields of its header.
    public internal(set) var headers: (count: Int, path: [UInt8], fields: [String])?
    /// How the tars are written, or how the same tar is stored.
    public internal(set) var form: [FieldDifference] = []
    /// Whether none of this explains why the bytes differ.
    public internal(set) var isUnexplained = false

    init() {}

    init(_ verdict: LayerVerdict) {
        (removed, added, changed) = (verdict.removed, verdict.added, verdict.changed)
        if !verdict.outOfPlace.first.isEmpty { order = verdict.outOfPlace }
        if verdict.otherHeaders > 0 {
            headers = (verdict.otherHeaders, verdict.firstOtherHeader, verdict.headerFields)
        }
        isUnexplained = verdict.isEmpty
        func add(_ name: String, _ first: String, _ second: String) {
            form += FieldDifference.differing(name, .text(first), .text(second))
        }
        add(
            "dialect", verdict.dialects.first.joined(separator: " and "),
            verdict.dialects.second.joined(separator: " and "))
        // Other entries are reason enough for another size.
        guard removed + added + changed == 0 else { return }
        add("tar size", "\(verdict.sizes.first)", "\(verdict.sizes.second)")
        add("zeros at the end", "\(verdict.ends.first)", "\(verdict.ends.second)")
    }

    /// The same tar, stored in two ways.
    init(_ first: StoredTraits, _ second: StoredTraits) {
        // Of two forms, only what both have can be compared.
        let others = Dictionary(
            second.facts.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
        for fact in first.facts {
            guard let other = others[fact.name] else { continue }
            form += FieldDifference.differing(fact.name, .text(fact.text), .text(other))
        }
        // A size tells that the bytes are others, and not why.
        isUnexplained = form.allSatisfy { $0.name == "stored size" }
    }

    /// The findings as a program reads them.
    public var json: JSONObject {
        var json: JSONObject = [
            "removed": .number(JSONNumber(removed)), "added": .number(JSONNumber(added)),
            "changed": .number(JSONNumber(changed)),
        ]
        if let order {
            var places = JSONObject()
            places.set("first", bytes: order.first)
            places.set("second", bytes: order.second)
            json["order"] = .object(places)
        }
        if let headers {
            var found: JSONObject = ["count": .number(JSONNumber(headers.count))]
            found.set("path", bytes: headers.path)
            found["fields"] = .array(headers.fields.map { .string($0) })
            json["headers"] = .object(found)
        }
        json["form"] = .array(form.map(\.json))
        json["unexplained"] = .bool(isUnexplained)
        return json
    }
}

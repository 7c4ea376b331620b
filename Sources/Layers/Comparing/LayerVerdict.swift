/// In what two layers' tars differ, in numbers, and beside their entries.
public struct LayerVerdict: Sendable {
    /// Entries that only the first layer has.
    public internal(set) var removed = 0
    /// Entries that only the second layer has.
    public internal(set) var added = 0
    /// Entries that both have in two ways.
    public internal(set) var changed = 0
    /// Pairs of entries that are equal in every field, and whose headers are stored in other bytes.
    public internal(set) var otherHeaders = 0
    /// The path of the first of them; empty where there is none.
    public internal(set) var firstOtherHeader: [UInt8] = []
    /// The fields of its header that are stored otherwise.
    public internal(set) var headerFields: [String] = []
    /// What stands in each layer where the order of the entries first differs; empty where it does not.
    public internal(set) var outOfPlace: (first: [UInt8], second: [UInt8]) = ([], [])
    /// The dialects of the headers, the most frequent first.
    public let dialects: (first: [String], second: [String])
    /// Bytes of the tars.
    public let sizes: (first: Int64, second: Int64)
    /// Bytes of zeros behind the last member.
    public let ends: (first: Int64, second: Int64)

    init(_ first: LayerRecords, _ second: LayerRecords) {
        dialects = (first.dialectNames, second.dialectNames)
        let summaries = (first.summary, second.summary)
        sizes = (summaries.0.size, summaries.1.size)
        ends = (
            summaries.0.size - summaries.0.membersEnd, summaries.1.size - summaries.1.membersEnd
        )
    }

    /// Whether nothing was found: then bytes differ that no reader looks at.
    public var isEmpty: Bool {
        removed + added + changed + otherHeaders == 0 && outOfPlace.first.isEmpty && ends.first == ends.second
    }
}

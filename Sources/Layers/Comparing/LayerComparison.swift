import Tar

/// Why two layers' tars differ: entry by entry, and in what is left when all entries are equal.
///
/// Each layer is read once into records of fixed size; what differs is read
/// once more for its names, link targets and attributes. Memory grows by 100
/// bytes an entry, and by what ``detailsLimit`` allows.
public struct LayerComparison {
    /// An entry that differs.
    public enum Difference: Sendable {
        /// Only the first layer has it.
        case removed(ListedEntry)
        /// Only the second layer has it.
        case added(ListedEntry)
        /// Both have it, in two ways.
        case changed(ListedEntry, ListedEntry)
    }

    /// Bytes of link targets and attributes of changed entries that are kept from the first layer.
    static let detailsLimit = 16 << 20

    private struct Details {
        let target: [UInt8]
        let attributes: [(name: [UInt8], value: [UInt8])]

        init(_ entry: TarEntry) {
            attributes = entry.attributes
            switch entry.kind {
            case .symbolicLink(let target), .hardLink(let target): self.target = target
            default: target = []
            }
        }

        var weight: Int {
            attributes.reduce(target.count + 64) { $0 + $1.name.count + $1.value.count + 96 }
        }
    }

    private let layers: (first: LayerListing, second: LayerListing)
    private let records: (first: LayerRecords, second: LayerRecords)
    private let pairs: EntryPairs
    private let progress: (_ bytes: Int) -> Void
    private var details: [Int: Details] = [:]
    private var weight = 0
    private var verdict: LayerVerdict
    private var header: HeaderBytes?
    private var firstHeader: (first: Int, second: Int)?

    /// Reads both layers and verifies them.
    ///
    /// - Parameters:
    ///   - first: The first layer.
    ///   - second: The second one.
    ///   - progress: Told how many bytes of tar came, time and again.
    /// - Throws: As ``LayerListing/forEach(progress:_:)``.
    public init(
        _ first: LayerListing, _ second: LayerListing, progress: @escaping (_ bytes: Int) -> Void
    ) throws {
        layers = (first, second)
        self.progress = progress
        records = (
            try LayerRecords(reading: first, progress: progress),
            try LayerRecords(reading: second, progress: progress)
        )
        pairs = EntryPairs(records.first, records.second)
        verdict = LayerVerdict(records.first, records.second)
        count()
    }

    private mutating func count() {
        let common = pairs.count
        (verdict.removed, verdict.added) = (records.first.count - common, records.second.count - common)
        for number in 0..<records.first.count {
            guard let other = pairs.second(of: number) else { continue }
            let pair = (records.first[number], records.second[other])
            if !pair.0.hasFields(of: pair.1) {
                verdict.changed += 1
            } else if pair.0.header != pair.1.header {
                verdict.otherHeaders += 1
                firstHeader = firstHeader ?? (number, other)
            }
        }
    }

    /// Tells the differences: what was removed in the first layer's order, then the rest in the second one's.
    ///
    /// - Parameter report: Takes each entry that differs.
    /// - Throws: As ``LayerListing/forEach(progress:_:)``, and what `report` throws.
    /// - Returns: The differences in numbers, and those that are no entry's.
    public consuming func finish(_ report: (Difference) throws -> Void) throws -> LayerVerdict {
        let order = pairs.outOfPlace
        if verdict.removed + verdict.changed + verdict.otherHeaders > 0 || order != nil {
            try readFirst(order?.first, report)
        }
        if verdict.added + verdict.changed + verdict.otherHeaders > 0 || order != nil {
            try readSecond(order?.second, report)
        }
        return verdict
    }

    private mutating func readFirst(_ outOfPlace: Int?, _ report: (Difference) throws -> Void) throws {
        var number = 0
        _ = try layers.first.walk(progress: progress) { entry, reader, window in
            defer { number += 1 }
            if number == outOfPlace { verdict.outOfPlace.first = entry.path }
            if number == firstHeader?.first {
                header = window.bytes(reader.header).map(HeaderBytes.init)
                verdict.firstOtherHeader = entry.path
            }
            let record = records.first[number]
            guard let other = pairs.second(of: number) else {
                return try report(.removed(ListedEntry(entry, record.content)))
            }
            if record.details != records.second[other].details { keep(Details(entry), of: number) }
        }
    }

    private mutating func keep(_ found: Details, of number: Int) {
        guard weight + found.weight <= Self.detailsLimit else { return }
        weight += found.weight
        details[number] = found
    }

    private mutating func readSecond(_ outOfPlace: Int?, _ report: (Difference) throws -> Void) throws {
        var number = 0
        _ = try layers.second.walk(progress: progress) { entry, reader, window in
            defer { number += 1 }
            if number == outOfPlace { verdict.outOfPlace.second = entry.path }
            if number == firstHeader?.second, let header, let bytes = window.bytes(reader.header) {
                verdict.headerFields = header.differences(from: HeaderBytes(bytes))
            }
            let record = records.second[number]
            let listed = ListedEntry(entry, record.content)
            guard let other = pairs.first(of: number) else { return try report(.added(listed)) }
            let old = records.first[other]
            guard !old.hasFields(of: record) else { return }
            let kept = old.details == record.details ? Details(entry) : details.removeValue(forKey: other)
            let before = old.entry(
                path: entry.path, target: kept?.target ?? [], attributes: kept?.attributes ?? [])
            try report(.changed(ListedEntry(before, old.content, hasDetails: kept != nil), listed))
        }
    }
}

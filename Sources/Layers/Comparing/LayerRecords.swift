import Tar

/// The entries of a layer as compact records, in the layer's order.
struct LayerRecords {
    /// One growing array would hold its records twice whenever it grows.
    private static let chunk = 4096
    private var chunks: [[EntryRecord]] = []
    /// How many there are.
    private(set) var count = 0
    /// How many headers there are of each dialect.
    private(set) var dialects: [HeaderBytes.Dialect: Int] = [:]
    /// What the layer holds.
    private(set) var summary: LayerSummary

    /// Reads a layer, all files' content too.
    init(reading layer: LayerListing, progress: @escaping (_ bytes: Int) -> Void) throws {
        var chunks: [[EntryRecord]] = []
        var count = 0
        var dialects: [HeaderBytes.Dialect: Int] = [:]
        var holes: Int64 = 0
        summary = try layer.walk(progress: progress) { entry, reader, window in
            let header = window.bytes(reader.header)
            if let dialect = header.flatMap({ HeaderBytes($0).dialect }) {
                dialects[dialect, default: 0] += 1
            }
            var content: ContentHash?
            if case .regular(let size) = entry.kind {
                content = try ContentHash(
                    of: &reader, size: size, holes: &holes, limit: layer.limits.bytes)
            }
            if count % Self.chunk == 0 {
                chunks.append([])
                chunks[chunks.count - 1].reserveCapacity(Self.chunk)
            }
            chunks[chunks.count - 1].append(EntryRecord(entry, content: content, header: header))
            count += 1
        }
        (self.chunks, self.count, self.dialects) = (chunks, count, dialects)
    }

    subscript(number: Int) -> EntryRecord { chunks[number / Self.chunk][number % Self.chunk] }

    /// The numbers of the records, ordered by their names; those of one name in the layer's order.
    var byName: [UInt32] {
        (0..<UInt32(count)).sorted { first, second in
            let names = (self[Int(first)].name, self[Int(second)].name)
            return names.0 == names.1 ? first < second : names.0 < names.1
        }
    }

    /// The dialects in words, the most frequent first.
    var dialectNames: [String] {
        dialects.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }.map(\.key.rawValue)
    }
}

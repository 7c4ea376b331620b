/// The last stretch of a stream that goes by, so that what a reader has just taken can be looked at.
///
/// The reader asks for a chunk when it needs one: what it took last lies in the
/// newest chunk or shortly before.
final class StreamWindow {
    /// Bytes that are kept besides the newest chunk: more than any tar header that libarchive reads.
    static let reach = 2 << 20

    private var chunks: [(start: Int64, bytes: [UInt8])] = []
    private var older = 0
    /// How many bytes went by.
    private(set) var end: Int64 = 0

    /// Takes what goes by next.
    func append(_ chunk: [UInt8]) {
        older += chunks.last?.bytes.count ?? 0
        chunks.append((end, chunk))
        end += Int64(chunk.count)
        while let first = chunks.first, chunks.count > 1, older - first.bytes.count >= Self.reach {
            older -= first.bytes.count
            chunks.removeFirst()
        }
    }

    /// What went by there.
    ///
    /// - Returns: `nil` where it was too long ago, or has not come yet.
    func bytes(_ range: Range<Int64>) -> [UInt8]? {
        guard let first = chunks.first, first.start <= range.lowerBound, range.upperBound <= end else {
            return nil
        }
        var found: [UInt8] = []
        found.reserveCapacity(Int(range.upperBound - range.lowerBound))
        for (start, bytes) in chunks where start < range.upperBound {
            let from = max(range.lowerBound - start, 0)
            let to = min(range.upperBound - start, Int64(bytes.count))
            if from < to { found += bytes[Int(from)..<Int(to)] }
        }
        return found
    }
}

import Cryptography
import Linux
public import OCI
import Tar

/// The SHA-256 value of a file's content, in 32 bytes of its own.
public struct ContentHash: Hashable, Sendable {
    private let words: InlineWords

    private struct InlineWords: Hashable, Sendable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
    }

    /// No content.
    init() { words = InlineWords() }

    /// - Parameter bytes: The 32 bytes of a SHA-256 value.
    init(_ bytes: [UInt8]) {
        func word(_ number: Int) -> UInt64 {
            bytes[number * 8..<number * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        words = InlineWords(first: word(0), second: word(1), third: word(2), fourth: word(3))
    }

    /// Reads a member's content; holes count as zeros.
    ///
    /// - Parameters:
    ///   - reader: Stands at the member.
    ///   - size: The size that its header names.
    ///   - holes: Bytes of holes so far, of all members.
    ///   - limit: The most of them: they cost time, and whoever made the layer nothing.
    ///   - copy: Takes each stretch that is no hole.
    /// - Throws: ``LayerError/tooManyBytes(limit:)``, and what reading and copying throw.
    init(
        of reader: inout TarReader, size: Int64, holes: inout Int64, limit: Int64,
        copying copy: (_ offset: Int64, Span<UInt8>) throws -> Void = { _, _ in }
    ) throws {
        var sha256 = try SHA256()
        var end: Int64 = 0
        try reader.content { offset, bytes in
            try Self.addHole(end..<max(offset, end), to: &sha256, &holes, limit)
            sha256.update(bytes)
            try copy(offset, bytes)
            end = offset + Int64(bytes.count)
        }
        try Self.addHole(end..<max(size, end), to: &sha256, &holes, limit)
        self.init(sha256.finish())
    }

    private static func addHole(
        _ hole: Range<Int64>, to sha256: inout SHA256, _ holes: inout Int64, _ limit: Int64
    ) throws {
        guard !hole.isEmpty else { return }
        let length = hole.upperBound - hole.lowerBound
        guard length <= limit - holes else { throw LayerError.tooManyBytes(limit: limit) }
        holes += length
        let zeros = zeros
        var rest = length
        while rest > 0 {
            try Interruption.check()
            let count = Int(min(rest, Int64(zeros.count)))
            sha256.update(zeros.span.extracting(0..<count))
            rest -= Int64(count)
        }
    }

    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

    /// The digest.
    public var digest: Digest {
        let all = [words.first, words.second, words.third, words.fourth]
        return Digest(
            sha256: all.flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) }
            })
    }
}

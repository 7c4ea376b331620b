import Linux

extension DigestTable {
    /// What a stored table begins with; the last byte is the version.
    private static let beginning: UInt64 = 0x01_74_73_65_67_69_64_76

    /// The most records: 2 million, in 176 MB.
    static let limit = 2_000_000

    /// Reads what ``pieces(for:keeping:write:)`` gave; there is no table in anything else.
    ///
    /// - Parameters:
    ///   - bytes: All of it, nothing more.
    ///   - purpose: What the digests are of; another one's are refused.
    init?(bytes: borrowing [UInt8], for purpose: Digest) {
        let trailer = 8
        guard bytes.count % 8 == 0, bytes.count >= 64 else { return nil }
        let count = bytes.count / 8 - 8
        guard count % Self.width == 0, count / Self.width <= Self.limit else { return nil }
        let span = bytes.span
        var sum = Checksum()
        func word(_ number: Int) -> UInt64 { Self.word(span, number) }
        for number in 0..<7 { sum.add(word(number)) }
        guard word(0) == Self.beginning, word(1) == UInt64(count / Self.width),
            Digest(words: (word(3), word(4), word(5), word(6))) == purpose
        else { return nil }
        var words = [UInt64](repeating: 0, count: count)
        for number in 0..<count {
            let word = Self.word(span, number + 7)
            words[number] = word
            sum.add(word)
        }
        guard word(bytes.count / 8 - trailer / 8) == sum.value else { return nil }
        self.init(words: words, run: word(2))
    }

    /// The stored form, piece by piece.
    ///
    ///     table  = beginning:8 count:8 run:8 purpose:32 record… checksum:8
    ///     record = 11 numbers of 8 bytes
    ///
    /// Numbers have their lowest byte first.
    ///
    /// - Parameters:
    ///   - purpose: What the digests are of.
    ///   - runs: The files are kept that one of so many runs met last.
    ///   - write: Takes each piece.
    /// - Throws: What `write` throws.
    func pieces<Failure>(
        for purpose: Digest, keeping runs: UInt64, write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var count: UInt64 = 0
        for _ in recent(runs) { count += 1 }
        var sum = Checksum()
        var piece: [UInt8] = []
        func put(_ word: UInt64) {
            sum.add(word)
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                piece.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        let (a, b, c, d) = purpose.words
        for word in [Self.beginning, count, run, a, b, c, d] { put(word) }
        for start in recent(runs) {
            for number in start..<(start + Self.width) { put(words[number]) }
            guard piece.count >= 1 << 18 else { continue }
            try write(piece)
            piece.removeAll(keepingCapacity: true)
        }
        put(sum.value)
        try write(piece)
    }

    /// Tells damage, not malice: each change to a single number changes it.
    private struct Checksum {
        private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

        // A multiplication by an odd number loses nothing; the shift brings the upper bits down.
        mutating func add(_ word: UInt64) {
            value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
            value ^= value >> 32
        }
    }

    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, _ number: Int) -> UInt64 {
        var word: UInt64 = 0
        for place in 0..<8 { word |= UInt64(bytes[number * 8 + place]) << UInt64(place * 8) }
        return word
    }
}

extension DigestTable.Digest {
    /// Takes a SHA-256 value.
    init(sha256 bytes: [UInt8]) {
        precondition(bytes.count == 32, "a SHA-256 value has 32 bytes, not \(bytes.count)")
        func word(_ number: Int) -> UInt64 {
            bytes[(number * 8)..<(number * 8 + 8)].reduce(0) { $0 << 8 | UInt64($1) }
        }
        words = (word(0), word(1), word(2), word(3))
    }
}

import Linux

/// The digests of regular files, each known for one state of one file.
///
/// Records of a fixed size in no order, and an index of them by file: nothing is allocated for a record. There is one
/// for each file, because a file's earlier states do not come back.
struct DigestTable {
    /// Bytes that identify what a file holds.
    struct Digest: Equatable {
        var words: (UInt64, UInt64, UInt64, UInt64)

        static func == (first: Digest, second: Digest) -> Bool { first.words == second.words }
    }

    /// Words of a record: device, inode, size, seconds of the last change of content, of content or attributes,
    /// nanoseconds of both, the digest, and the run that met the file last.
    static let width = 11
    private static let digest = 6
    private static let run = 10

    /// The records, one after the other.
    private(set) var words: [UInt64] = []
    /// For a file's hash the number of its record and one more, or 0; at most half full.
    private var index = [UInt32](repeating: 0, count: 16)
    /// The number of the run that is under way.
    private(set) var run: UInt64 = 1
    /// Whether anything was remembered in this run.
    private(set) var isChanged = false

    init() {}

    /// Takes over the records of earlier runs.
    ///
    /// - Parameters:
    ///   - words: The records.
    ///   - run: The number of the last run.
    init(words: [UInt64], run: UInt64) {
        (self.words, self.run) = (words, run &+ 1)
        rebuild()
    }

    /// How many files are known.
    var count: Int { words.count / Self.width }

    /// The digest of a file, if the file is as it was when it was hashed.
    mutating func find(_ status: FileStatus) -> Digest? {
        let number = index[place(status.identity.device, status.identity.inode)]
        guard number > 0 else { return nil }
        let start = Int(number - 1) * Self.width
        guard words[start + 2] == UInt64(bitPattern: status.size),
            words[start + 3] == UInt64(bitPattern: status.modified.seconds),
            words[start + 4] == UInt64(bitPattern: status.changed.seconds),
            words[start + 5] == Self.nanoseconds(status)
        else { return nil }
        words[start + Self.run] = run
        let first = start + Self.digest
        return Digest(words: (words[first], words[first + 1], words[first + 2], words[first + 3]))
    }

    /// Remembers a file's digest, in place of what was known of the file.
    ///
    /// Beyond the limit no further file is.
    mutating func remember(_ status: FileStatus, _ digest: Digest, limit: Int) {
        let (device, inode) = (status.identity.device, status.identity.inode)
        let place = place(device, inode)
        var start = Int(index[place]) * Self.width - Self.width
        if index[place] == 0 {
            guard count < limit else { return }
            start = words.count
            words += repeatElement(0, count: Self.width)
            index[place] = UInt32(count)
        }
        (words[start], words[start + 1]) = (device, inode)
        words[start + 2] = UInt64(bitPattern: status.size)
        words[start + 3] = UInt64(bitPattern: status.modified.seconds)
        words[start + 4] = UInt64(bitPattern: status.changed.seconds)
        words[start + 5] = Self.nanoseconds(status)
        let first = start + Self.digest
        (words[first], words[first + 1], words[first + 2], words[first + 3]) = digest.words
        words[start + Self.run] = run
        isChanged = true
        if count * 2 >= index.count { rebuild() }
    }

    /// Where in the records those begin that one of the last runs met.
    ///
    /// - Parameter runs: How many runs; all that this one met are among them.
    /// - Returns: The places.
    func recent(_ runs: UInt64) -> some Sequence<Int> {
        stride(from: 0, to: words.count, by: Self.width).lazy.filter {
            words[$0 + Self.run] &+ runs > run
        }
    }

    private static func nanoseconds(_ status: FileStatus) -> UInt64 {
        UInt64(truncatingIfNeeded: status.modified.nanoseconds) << 32
            | UInt64(truncatingIfNeeded: status.changed.nanoseconds)
    }

    // MARK: The index

    private mutating func rebuild() {
        var size = 32
        while size <= 4 * count { size *= 2 }
        index = [UInt32](repeating: 0, count: size)
        for record in 0..<count {
            index[place(words[record * Self.width], words[record * Self.width + 1])] = UInt32(record + 1)
        }
    }

    /// The file's place in the index, or the free one that it would get.
    private func place(_ device: UInt64, _ inode: UInt64) -> Int {
        // Inodes lie close together: multiplication spreads them (Knuth, volume 3, section 6.4).
        let mixed = (inode ^ device &* 0xC2B2_AE3D_27D4_EB4F) &* 0x9E37_79B9_7F4A_7C15
        var place = Int(truncatingIfNeeded: mixed >> 32) & (index.count - 1)
        while index[place] > 0 {
            let start = Int(index[place] - 1) * Self.width
            if words[start] == device, words[start + 1] == inode { return place }
            place = (place + 1) & (index.count - 1)
        }
        return place
    }
}

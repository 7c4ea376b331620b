/// Where a gzip member of varve's own making may begin.
///
/// Such members have ten bytes of header without flags and time, as those of Go
/// and of `pigz -n` have. The same bytes may stand anywhere within a member: this
/// is a guess, and whoever uses it must be right without it.
///
/// Source: RFC 1952, section 2.3.1.
enum GzipBoundary {
    /// Bytes of such a header.
    static let length = 10
    /// Bytes of the smallest member: header, an empty block of two bytes, trailer.
    static let leastMember = 20

    /// The next place, at `start` or behind, where such a header stands whole.
    static func next(in bytes: Span<UInt8>, from start: Int) -> Int? {
        // Five zeros stand in a row, from the header's fourth byte on: one look in five places cannot miss them.
        var look = start + 3
        while look < bytes.count {
            if bytes[look] == 0 {
                let first = max(start, look - 7)
                for place in first..<(look - 2) where isHeader(bytes, at: place) { return place }
            }
            look += 5
        }
        return nil
    }

    private static func isHeader(_ bytes: Span<UInt8>, at place: Int) -> Bool {
        guard place + length <= bytes.count, bytes[place] == 0x1F, bytes[place + 1] == 0x8B,
            bytes[place + 2] == 8
        else { return false }
        for zero in 3..<8 where bytes[place + zero] != 0 { return false }
        let (effort, system) = (bytes[place + 8], bytes[place + 9])
        return (effort == 0 || effort == 2 || effort == 4) && (system == 3 || system == 255)
    }
}

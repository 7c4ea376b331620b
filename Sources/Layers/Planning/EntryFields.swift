import Linux

/// Fields in a row that are to be hashed.
///
/// Numbers have a fixed size, and what has none begins with its length: no two rows of fields give the same bytes.
struct EntryFields {
    /// All of them, lowest byte first.
    private(set) var bytes: [UInt8] = []

    mutating func put(_ number: UInt8) { bytes.append(number) }

    mutating func put(_ number: UInt32) { putNumber(UInt64(number), size: 4) }

    mutating func put(_ number: UInt64) { putNumber(number, size: 8) }

    mutating func put(_ text: some Collection<UInt8>) {
        putNumber(UInt64(text.count), size: 8)
        bytes += text
    }

    mutating func put(_ digest: DigestTable.Digest) {
        put(digest.words.0)
        put(digest.words.1)
        put(digest.words.2)
        put(digest.words.3)
    }

    mutating func put(_ attributes: [ExtendedAttribute]) {
        put(UInt64(attributes.count))
        for attribute in attributes {
            put(attribute.name)
            put(attribute.value)
        }
    }

    mutating func put(_ filter: AttributeFilter) {
        put(UInt64(filter.patterns.count))
        for pattern in filter.patterns { put(Array(pattern.utf8)) }
    }

    /// Puts a digest in a place that was left for it.
    mutating func set(_ digest: DigestTable.Digest, at place: Int) {
        var fields = EntryFields()
        fields.put(digest)
        for (offset, byte) in fields.bytes.enumerated() { bytes[place + offset] = byte }
    }

    /// Begins anew, in the same memory.
    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    private mutating func putNumber(_ number: UInt64, size: UInt64) {
        bytes.append(addingCapacity: Int(size)) { place in
            for shift in 0..<size { place.append(UInt8(truncatingIfNeeded: number >> (shift * 8))) }
        }
    }
}

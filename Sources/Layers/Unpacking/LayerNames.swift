import Linux

/// The names that one layer gave to files, without the names.
///
/// A name is remembered as a hash of 64 bits under a key of this process: eight
/// bytes each, and nobody who makes layers can make two of them collide.
struct LayerNames {
    private var hashes: Set<Int> = []

    /// Remembers a name in the directory that has this inode.
    mutating func insert(_ name: FileName, in directory: UInt64) { hashes.insert(hash(name, directory)) }

    /// Whether the layer gave the name.
    func contains(_ name: FileName, in directory: UInt64) -> Bool { hashes.contains(hash(name, directory)) }

    private func hash(_ name: FileName, _ directory: UInt64) -> Int {
        var hasher = Hasher()
        hasher.combine(directory)
        hasher.combine(name)
        return hasher.finalize()
    }
}

/// The keys of one object while it is read: says in constant time whether a key was there before.
struct SeenKeys {
    /// Most objects are small, and looking through a few keys is quicker than hashing them.
    private static let smallCount = 16

    private var few: [TextBytes] = []
    private var many: Set<TextBytes> = []

    /// - Returns: `false` when the same bytes were inserted before.
    mutating func insert(_ text: String) -> Bool {
        let key = TextBytes(text)
        if !many.isEmpty { return many.insert(key).inserted }
        guard !few.contains(key) else { return false }
        few.append(key)
        if few.count == Self.smallCount { many = Set(few) }
        return true
    }
}

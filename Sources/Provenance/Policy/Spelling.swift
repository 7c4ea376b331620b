/// What somebody may have meant.
enum Spelling {
    /// The word that differs by at most two letters (or only by their case), if there is one.
    static func suggestion(for text: String, among words: [String]) -> String? {
        guard text.utf8.count <= 40 else { return nil }
        let near = words.map { (word: $0, distance: distance(text.lowercased(), $0.lowercased())) }
        guard let nearest = near.min(by: { $0.distance < $1.distance }) else { return nil }
        // Two letters of a short word are another word.
        return nearest.distance <= min(2, nearest.word.utf8.count / 3) ? nearest.word : nil
    }

    /// How many bytes must be inserted, removed or replaced to make one text of the other.
    ///
    /// Source: V. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (line, byte) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (place, other) in right.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(replaced, row[place] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}

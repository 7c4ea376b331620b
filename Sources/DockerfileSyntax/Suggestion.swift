/// The word of a vocabulary that a misspelt word is nearest to, if one is near enough.
///
/// Near is an edit distance (insert, remove, replace, swap two neighbours) of at most a third of the word.
public func suggestion(for word: String, among vocabulary: [String]) -> String? {
    let wanted = Array(word.lowercased().utf8)
    guard (2...32).contains(wanted.count) else { return nil }
    let near = vocabulary.map { ($0, distance(wanted, Array($0.lowercased().utf8))) }
        .min { $0.1 < $1.1 }
    guard let (nearest, distance) = near, distance <= max(1, (wanted.count + 1) / 3) else { return nil }
    return nearest
}

/// The number of edits between two words: Damerau's distance in its restricted form.
private func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var rows = [Array(0...right.count)]
    for i in 0..<left.count {
        var row = [i + 1]
        for j in 0..<right.count {
            var best = min(rows[i][j + 1], row[j]) + 1
            best = min(best, rows[i][j] + (left[i] == right[j] ? 0 : 1))
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                best = min(best, rows[i - 1][j - 1] + 1)
            }
            row.append(best)
        }
        rows.append(row)
    }
    return rows[left.count][right.count]
}

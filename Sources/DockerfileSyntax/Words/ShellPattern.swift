/// A pattern of `${name#pattern}` and its like: `*` any text, `?` one character, `\` before either or itself.
///
/// Neither `*` nor `?` matches the end of a line, as in BuildKit. Brackets have no meaning.
struct ShellPattern {
    private enum Token: Equatable {
        case any, one
        case scalar(Unicode.Scalar)
    }

    /// The number of comparisons that one match may need.
    static let workLimit = 1 << 26

    private var tokens: [Token] = []

    init(_ bytes: some Collection<UInt8>, isReversed: Bool = false) throws(WordExpander.Failure) {
        var scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "*": if tokens.last != .any { tokens.append(.any) }
            case "?": tokens.append(.one)
            case "\\":
                // `}` and `/` are escaped for the sake of the substitution around the pattern.
                guard let escaped = scalars.next(), ["*", "?", "\\", "}", "/"].contains(escaped) else {
                    throw WordExpander.Failure(
                        reason: "in a pattern \\ stands before one of * ? \\ } / only")
                }
                tokens.append(.scalar(escaped))
            default: tokens.append(.scalar(scalar))
            }
        }
        if isReversed { tokens.reverse() }
    }

    /// The number of scalars at the beginning of a text that match; `nil` where none do.
    func prefix(of text: [Unicode.Scalar], isLongest: Bool) throws(WordExpander.Failure) -> Int? {
        try check(text)
        return match(text, from: 0, isLongest: isLongest)
    }

    /// The places that match, from left to right, each as long as it can be.
    func matches(in text: [Unicode.Scalar], isEvery: Bool) throws(WordExpander.Failure) -> [Range<Int>] {
        try check(text)
        let starts = starts(in: text)
        var (matches, index) = ([Range<Int>](), 0)
        while index <= text.count, isEvery || matches.isEmpty {
            guard starts[index], let end = match(text, from: index, isLongest: true) else {
                index += 1
                continue
            }
            // Right after a match nothing is matched again.
            if end > index || matches.last?.upperBound != index { matches.append(index..<end) }
            index = max(end, index + 1)
        }
        return matches
    }

    private func check(_ text: [Unicode.Scalar]) throws(WordExpander.Failure) {
        guard (tokens.count + 1) * (text.count + 1) <= Self.workLimit else {
            throw WordExpander.Failure(reason: "the pattern and the value are too long for each other")
        }
    }

    /// Where the longest or the shortest match that begins at an index ends.
    private func match(_ text: [Unicode.Scalar], from start: Int, isLongest: Bool) -> Int? {
        var states = [Bool](repeating: false, count: tokens.count + 1)
        states[0] = true
        skip(&states)
        var end = states[tokens.count] ? start : nil
        var index = start
        while index < text.count, isLongest || end == nil {
            var isAlive = false
            for state in stride(from: tokens.count, through: 0, by: -1) {
                let stays =
                    state < tokens.count && states[state] && tokens[state] == .any && text[index] != "\n"
                let comes = state > 0 && states[state - 1] && consumes(tokens[state - 1], text[index])
                states[state] = stays || comes
                isAlive = isAlive || states[state]
            }
            guard isAlive else { return end }
            skip(&states)
            index += 1
            if states[tokens.count] { end = index }
        }
        return end
    }

    /// `*` may match nothing.
    private func skip(_ states: inout [Bool]) {
        for state in 0..<tokens.count where states[state] && tokens[state] == .any {
            states[state + 1] = true
        }
    }

    private func consumes(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .any: false
        case .one: scalar != "\n"
        case .scalar(let wanted): scalar == wanted
        }
    }

    /// Whether some match begins at each index: the pattern run backwards from every end at once.
    ///
    /// So the search for matches never walks the text from an index in vain.
    private func starts(in text: [Unicode.Scalar]) -> [Bool] {
        var starts = [Bool](repeating: false, count: text.count + 1)
        var states = [Bool](repeating: false, count: tokens.count + 1)
        for index in stride(from: text.count, through: 0, by: -1) {
            if index < text.count {
                for state in 0...tokens.count {
                    let token = state < tokens.count ? tokens[state] : nil
                    let stays = states[state] && token == .any && text[index] != "\n"
                    let comes = token.map { states[state + 1] && consumes($0, text[index]) } ?? false
                    states[state] = stays || comes
                }
            }
            states[tokens.count] = true
            for state in stride(from: tokens.count - 1, through: 0, by: -1)
            where tokens[state] == .any && states[state + 1] {
                states[state] = true
            }
            starts[index] = states[0]
        }
        return starts
    }
}

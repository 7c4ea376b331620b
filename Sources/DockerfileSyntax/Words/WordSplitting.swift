extension LogicalLine {
    /// The words of a range that are parted by blanks, where a here-document's word is one whatever is in it.
    func blankWords(_ range: Range<Int>, keeping whole: [Range<Int>] = []) -> [Word] {
        var (words, start, index) = ([Word](), Int?.none, range.lowerBound)
        while index < range.upperBound {
            if start == nil, let kept = whole.first(where: { $0.lowerBound == index }) {
                words.append(word(kept))
                index = kept.upperBound
            } else if Characters.isBlank(bytes[index]) {
                if let begun = start { words.append(word(begun..<index)) }
                (start, index) = (nil, index + 1)
            } else {
                (start, index) = (start ?? index, index + 1)
            }
        }
        if let start { words.append(word(start..<range.upperBound)) }
        return words
    }

    /// The words of a range that are parted by white space outside quotes; quotes and escapes stay in them.
    ///
    /// Source: BuildKit's parser of ENV, LABEL and ARG. A quote that does not close reaches to the end.
    func quotedWords(_ range: Range<Int>, escape: UInt8) -> [Word] {
        var (words, index) = ([Word](), range.lowerBound)
        while index < range.upperBound {
            let space = bytes.whiteSpace(at: index)
            guard space == 0 else {
                index += space
                continue
            }
            let start = index
            var (text, quote) = ([UInt8](), UInt8?.none)
            while index < range.upperBound, quote != nil || bytes.whiteSpace(at: index) == 0 {
                let byte = bytes[index]
                index += 1
                if byte == escape, quote != Characters.single {
                    guard index < range.upperBound else { continue }
                    text += [byte, bytes[index]]
                    index += 1
                    continue
                }
                text.append(byte)
                if byte == quote {
                    quote = nil
                } else if quote == nil, byte == Characters.single || byte == Characters.double {
                    quote = byte
                }
            }
            if !text.isEmpty { words.append(word(start..<index, text)) }
        }
        return words
    }
}

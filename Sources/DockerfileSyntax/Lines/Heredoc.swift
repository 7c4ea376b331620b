/// A here-document: lines after an instruction that are a file, or what a shell reads.
///
/// Source: Dockerfile reference, "Here-Documents".
public struct Heredoc: Hashable, Sendable {
    /// The word after `<<`, without quotes: the name of the file for COPY and ADD.
    public let name: String
    /// The lines as they stand, with their ends.
    public private(set) var content: String
    /// Whether tabs before each line are dropped: `<<-`.
    public private(set) var stripsTabs: Bool
    /// Whether variables in it mean their values: no part of the word is in quotes.
    public private(set) var isExpanded: Bool
    /// The file descriptor before `<<`, 0 where there is none.
    public let descriptor: Int
    /// The line of the file that the content begins in, from 1.
    public let line: Int

    init(_ opening: HeredocOpening, _ content: String, line: Int) {
        (name, descriptor) = (opening.name, opening.descriptor)
        (stripsTabs, isExpanded) = (opening.stripsTabs, opening.isExpanded)
        (self.content, self.line) = (content, line)
    }

    /// What the file holds: the content, without the tabs that `<<-` drops.
    public var text: String {
        guard stripsTabs else { return content }
        var (result, isAtStart) = ([UInt8](), true)
        for byte in content.utf8 where !(isAtStart && byte == Characters.tab) {
            result.append(byte)
            isAtStart = byte == Characters.newline
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The same with another text, which is as it shall be.
    func expanded(to text: String) -> Heredoc {
        var copy = self
        (copy.content, copy.stripsTabs, copy.isExpanded) = (text, false, false)
        return copy
    }
}

/// `<<NAME` in an instruction.
struct HeredocOpening {
    let name: String
    let stripsTabs: Bool
    let isExpanded: Bool
    let descriptor: Int
    /// The word's place in the joined line.
    let range: Range<Int>

    /// The number of here-documents that one instruction may have.
    static let limit = 64

    /// The openings of a line, from left to right; none where its quotes do not close, which a shell may still read.
    ///
    /// Words are parted by white space that is neither quoted nor escaped; white space after `<<` belongs to its word.
    /// The escape is `\` whatever the directive says, for shells have no other.
    static func all(in line: LogicalLine) throws(SyntaxError) -> [HeredocOpening] {
        let bytes = line.bytes
        var (words, start, index) = ([Range<Int>](), Int?.none, 0)
        while index < bytes.count {
            let width = bytes.whiteSpace(at: index)
            if width > 0 {
                if let begun = start { words.append(begun..<index) }
                (start, index) = (nil, index + width)
                continue
            }
            start = start ?? index
            switch bytes[index] {
            case Characters.single, Characters.double:
                guard let end = closingQuote(bytes, at: index) else { return [] }
                index = end + 1
            case Characters.backslash: index += index + 1 < bytes.count ? 2 : 1
            case Characters.less where index + 1 < bytes.count && bytes[index + 1] == Characters.less:
                index += 2
                if index < bytes.count, bytes[index] == Characters.dash { index += 1 }
                while case let space = bytes.whiteSpace(at: index), space > 0 { index += space }
            default: index += 1
            }
        }
        if let start { words.append(start..<bytes.count) }
        var openings: [HeredocOpening] = []
        for word in words {
            guard let opening = try HeredocOpening(line, word) else { continue }
            guard openings.count < limit else {
                throw line.error(word.lowerBound, "more than \(limit) here-documents in one instruction")
            }
            openings.append(opening)
        }
        return openings
    }

    /// A word that is `<<NAME`, with a number before and `-` after `<<` where they stand; `nil` for another word.
    init?(_ line: LogicalLine, _ range: Range<Int>) throws(SyntaxError) {
        let word = line.bytes[range]
        let digits = word.prefix(while: Characters.isDigit)
        var rest = word.dropFirst(digits.count)
        guard rest.starts(with: "<<".utf8) else { return nil }
        rest = rest.dropFirst(2)
        stripsTabs = rest.first == Characters.dash
        if stripsTabs { rest = rest.dropFirst() }
        let name = rest.trimming(rest.startIndex..<rest.endIndex)
        guard !name.isEmpty, !rest.contains(Characters.less) else { return nil }
        var expander = WordExpander(
            Array(rest[name]), escape: .backslash, variables: Variables(), options: .keepsVariables)
        let words: [String]
        do {
            words = try expander.expanded().words
        } catch {
            throw line.error(range.lowerBound, "the name of the here-document: \(error.reason)")
        }
        guard words.count == 1 else { return nil }
        self.name = words[0]
        isExpanded = !expander.hasQuotes
        descriptor = digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self)) ?? 0
        self.range = range
    }
}

/// The place of the quote that closes the one at an index.
private func closingQuote(_ bytes: [UInt8], at start: Int) -> Int? {
    var index = start + 1
    while index < bytes.count {
        if bytes[index] == bytes[start] { return index }
        index += bytes[start] == Characters.double && bytes[index] == Characters.backslash ? 2 : 1
    }
    return nil
}

import Linux

/// What a program writes, cut into lines; of all of it no more is kept than the last few.
struct RunOutput {
    /// Bytes of a line before it is cut.
    static let lineLimit = 8 << 10
    /// Lines that an error shows.
    static let tailCount = 12

    private var line: [UInt8] = []
    private var tail: [[UInt8]] = []

    /// Takes what came.
    ///
    /// - Parameters:
    ///   - bytes: Some of the output.
    ///   - tell: Told each line that is complete, without its end.
    mutating func take(_ bytes: Span<UInt8>, tell: ([UInt8]) -> Void) {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == 10 {
                end(tell)
            } else {
                line.append(byte)
                if line.count == Self.lineLimit { end(tell) }
            }
        }
    }

    /// Ends what has no end.
    mutating func finish(tell: ([UInt8]) -> Void) { if !line.isEmpty { end(tell) } }

    private mutating func end(_ tell: ([UInt8]) -> Void) {
        // A progress bar writes over its line time and again: what is left of it counts.
        var shown = line.last == 13 ? line.dropLast() : line[...]
        if let start = shown.lastIndex(of: 13) { shown = shown[(start + 1)...] }
        let text = Array(shown)
        tell(text)
        if tail.count == Self.tailCount { tail.removeFirst() }
        tail.append(text)
        line.removeAll(keepingCapacity: true)
    }

    /// The last lines, as a person may see them.
    var lastLines: [String] { tail.map { Self.shown($0[...].prefix(400)) } }

    /// A line for a terminal: no byte of it is an order to it, and what is no text is written as `\xNN`.
    static func shown(_ line: ArraySlice<UInt8>) -> String {
        var text = ""
        if let whole = String(validating: line, as: UTF8.self) {
            append(whole, to: &text)
            return text
        }
        var rest = line
        while let first = rest.first {
            if let character = String(validating: rest.prefix(length(ofCharacter: first)), as: UTF8.self) {
                append(character, to: &text)
                rest = rest.dropFirst(character.utf8.count)
            } else {
                appendHex(first, to: &text)
                rest = rest.dropFirst()
            }
        }
        return text
    }

    private static func append(_ words: String, to text: inout String) {
        if words.utf8.allSatisfy({ 32..<127 ~= $0 }) { return text += words }
        for scalar in words.unicodeScalars {
            switch scalar.properties.generalCategory {
            // What turns a line around or breaks it shows something else than was written.
            case .control where scalar != "\t", .format, .lineSeparator, .paragraphSeparator:
                for byte in String(scalar).utf8 { appendHex(byte, to: &text) }
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func appendHex(_ byte: UInt8, to text: inout String) {
        let digits = String(byte, radix: 16)
        text += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
    }

    /// How many bytes a character of UTF-8 has that begins so.
    private static func length(ofCharacter first: UInt8) -> Int {
        switch first {
        case ..<0xC0: 1
        case ..<0xE0: 2
        case ..<0xF0: 3
        default: 4
        }
    }
}

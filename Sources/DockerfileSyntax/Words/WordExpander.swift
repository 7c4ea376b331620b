/// Expands one word: quotes and escapes vanish, variables become their values.
///
/// Source: Dockerfile reference, "Environment replacement"; BuildKit's shell lexer for what that leaves open. Time
/// is linear in the text, the values and the result; patterns are bounded by ``ShellPattern``.
struct WordExpander {
    /// How a word is read.
    struct Options: OptionSet {
        let rawValue: Int
        /// Quotes mean themselves, as in a here-document.
        static let keepsQuotes = Options(rawValue: 1)
        /// `$` means itself.
        static let keepsVariables = Options(rawValue: 2)
    }

    /// The bytes that all steps of one expansion may write.
    static let limit = 4 << 20
    /// How deep `${a:-${b:-…}}` may nest.
    static let depthLimit = 100

    let bytes: [UInt8]
    var index = 0
    let escape: UInt8
    let options: Options
    let variables: Variables
    /// The variables asked for so far.
    var use = VariableUse()
    /// Whether quotes were removed.
    private(set) var hasQuotes = false
    private var budget = WordExpander.limit

    init(_ bytes: [UInt8], escape: Directives.Escape, variables: Variables, options: Options = []) {
        (self.bytes, self.escape, self.variables) = (bytes, escape.rawValue, variables)
        self.options = options
    }

    /// Why a word cannot be expanded.
    struct Failure: Error {
        let reason: String
    }

    /// Expands the word, to one text and to the words that white space outside quotes parts it into.
    mutating func expanded() throws(Failure) -> (text: String, words: [String]) {
        var parts = WordParts()
        let text = try text(until: nil, keepsEscapes: false, depth: 0, parts: &parts)
        return (String(decoding: text, as: UTF8.self), parts.finished())
    }

    var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Reads up to a byte, which is passed, or up to the end.
    mutating func text(until stop: UInt8?, keepsEscapes: Bool, depth: Int) throws(Failure) -> [UInt8] {
        var parts = WordParts(isUsed: false)
        return try text(until: stop, keepsEscapes: keepsEscapes, depth: depth, parts: &parts)
    }

    private mutating func text(
        until stop: UInt8?, keepsEscapes: Bool, depth: Int, parts: inout WordParts
    ) throws(Failure) -> [UInt8] {
        guard depth <= Self.depthLimit else { throw Failure(reason: "${ nests too deep") }
        var result: [UInt8] = []
        while let byte = next {
            if byte == stop {
                index += 1
                return result
            }
            var isQuoted = true
            let start = result.count
            if byte == Characters.single, !options.contains(.keepsQuotes) {
                result += try singleQuoted()
            } else if byte == Characters.double, !options.contains(.keepsQuotes) {
                result += try doubleQuoted(keepsEscapes: keepsEscapes, depth: depth)
            } else if byte == Characters.dollar, !options.contains(.keepsVariables) {
                result += try variable(keepsEscapes: keepsEscapes, depth: depth)
                isQuoted = false
            } else if byte == escape {
                index += 1
                if keepsEscapes { result.append(byte) }
                if let escaped = next { result.append(escaped) }
                index = min(index + 1, bytes.count)
            } else {
                let end = index + max(bytes.whiteSpace(at: index), 1)
                result += bytes[index..<end]
                index = end
                isQuoted = false
            }
            parts.add(result[start...], isQuoted: isQuoted)
            try spend(result.count - start)
        }
        guard stop == nil else { throw Failure(reason: "${ without }") }
        return result
    }

    mutating func spend(_ count: Int) throws(Failure) {
        budget -= count
        guard budget >= 0 else { throw Failure(reason: "the value has more than \(Self.limit) bytes") }
    }

    private mutating func singleQuoted() throws(Failure) -> ArraySlice<UInt8> {
        hasQuotes = true
        let start = index + 1
        guard let end = bytes[start...].firstIndex(of: Characters.single) else {
            throw Failure(reason: "a ' that no other ' closes")
        }
        index = end + 1
        return bytes[start..<end]
    }

    private mutating func doubleQuoted(keepsEscapes: Bool, depth: Int) throws(Failure) -> [UInt8] {
        hasQuotes = true
        index += 1
        var result: [UInt8] = []
        while let byte = next {
            if byte == Characters.double {
                index += 1
                return result
            }
            if byte == Characters.dollar, !options.contains(.keepsVariables) {
                let value = try variable(keepsEscapes: keepsEscapes, depth: depth)
                result += value
                try spend(value.count)
                continue
            }
            index += 1
            guard byte == escape, let escaped = next else {
                if byte != escape || keepsEscapes { result.append(byte) }
                continue
            }
            if keepsEscapes { result.append(byte) }
            // Before any other character the escape is a character like others.
            if escaped == Characters.double || escaped == Characters.dollar || escaped == escape {
                result.append(escaped)
                index += 1
            } else {
                result.append(byte)
            }
        }
        throw Failure(reason: "a \" that no other \" closes")
    }
}

/// The words that an expanded word falls into.
private struct WordParts {
    var isUsed = true
    private var words: [String] = []
    private var word: [UInt8] = []

    init(isUsed: Bool = true) { self.isUsed = isUsed }

    mutating func add(_ text: ArraySlice<UInt8>, isQuoted: Bool) {
        guard isUsed else { return }
        guard !isQuoted else {
            word += text
            return
        }
        var index = text.startIndex
        while index < text.endIndex {
            let width = text.whiteSpace(at: index)
            if width > 0 { close() } else { word.append(text[index]) }
            index += max(width, 1)
        }
    }

    private mutating func close() {
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        word = []
    }

    mutating func finished() -> [String] {
        close()
        return words
    }
}

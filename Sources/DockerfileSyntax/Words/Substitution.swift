extension WordExpander {
    /// `$name`, `${name}` and `${name…}` with what may follow the name.
    mutating func variable(keepsEscapes: Bool, depth: Int) throws(Failure) -> [UInt8] {
        index += 1
        guard next == UInt8(ascii: "{") else {
            let name = name()
            return name.isEmpty ? [Characters.dollar] : Array((value(of: name) ?? "").utf8)
        }
        index += 1
        let name = name()
        guard !name.isEmpty else {
            throw Failure(reason: next == nil ? "${ without }" : "${ without the name of a variable")
        }
        guard let operation = next else { throw Failure(reason: "${ without }") }
        index += 1
        switch operation {
        case UInt8(ascii: "}"): return Array((value(of: name) ?? "").utf8)
        case UInt8(ascii: ":"):
            guard let second = next else { throw Failure(reason: "${ without }") }
            index += 1
            return try replaced(name, by: second, countsEmpty: false, depth: depth)
        case Characters.dash, UInt8(ascii: "+"), UInt8(ascii: "?"):
            return try replaced(name, by: operation, countsEmpty: true, depth: depth)
        case Characters.hash, UInt8(ascii: "%"): return try trimmed(name, operation, depth: depth)
        case Characters.slash: return try substituted(name, depth: depth)
        default: throw unknown(String(decoding: [operation], as: UTF8.self))
        }
    }

    private func unknown(_ operation: String) -> Failure {
        Failure(reason: "${name\(operation)…} is none of the forms that a Dockerfile has")
    }

    /// `${name-word}`, `${name+word}`, `${name?word}`; with a colon an empty value does not count.
    private mutating func replaced(
        _ name: [UInt8], by operation: UInt8, countsEmpty: Bool, depth: Int
    ) throws(Failure) -> [UInt8] {
        guard "-+?".utf8.contains(operation) else {
            throw unknown((countsEmpty ? "" : ":") + String(decoding: [operation], as: UTF8.self))
        }
        let word = try text(until: UInt8(ascii: "}"), keepsEscapes: false, depth: depth + 1)
        let value = value(of: name)
        let set = value.flatMap { countsEmpty || !$0.isEmpty ? $0 : nil }
        switch operation {
        case Characters.dash: return set.map { Array($0.utf8) } ?? word
        case UInt8(ascii: "+"): return set == nil ? [] : word
        default:
            if let set { return Array(set.utf8) }
            let problem = value == nil ? "is not set" : "is empty"
            let message = word.isEmpty ? problem : String(decoding: word, as: UTF8.self)
            throw Failure(reason: "\(String(decoding: name, as: UTF8.self)): \(message)")
        }
    }

    /// `${name#pattern}`, `${name%pattern}`, and both with two signs: the longest match.
    private mutating func trimmed(_ name: [UInt8], _ side: UInt8, depth: Int) throws(Failure) -> [UInt8] {
        var word = try text(until: UInt8(ascii: "}"), keepsEscapes: true, depth: depth + 1)[...]
        let isLongest = word.first == side
        if isLongest { word = word.dropFirst() }
        let value = Array((value(of: name) ?? "").unicodeScalars)
        let pattern = try ShellPattern(word, isReversed: side == UInt8(ascii: "%"))
        let text = side == UInt8(ascii: "%") ? value.reversed() : value
        let match = try pattern.prefix(of: text, isLongest: isLongest) ?? 0
        let rest = text.dropFirst(match)
        return utf8(side == UInt8(ascii: "%") ? rest.reversed() : Array(rest))
    }

    /// `${name/pattern/word}`, and `${name//pattern/word}` for every match.
    private mutating func substituted(_ name: [UInt8], depth: Int) throws(Failure) -> [UInt8] {
        let isEvery = next == Characters.slash
        if isEvery { index += 1 }
        let word: [UInt8]
        do {
            word = try text(until: Characters.slash, keepsEscapes: true, depth: depth + 1)
        } catch {
            throw index < bytes.count ? error : Failure(reason: "${name/pattern without /replacement}")
        }
        let replacement = try text(until: UInt8(ascii: "}"), keepsEscapes: true, depth: depth + 1)
        let value = Array((value(of: name) ?? "").unicodeScalars)
        let matches = try ShellPattern(word).matches(in: value, isEvery: isEvery)
        var (result, start) = ([UInt8](), 0)
        for match in matches {
            result += utf8(value[start..<match.lowerBound]) + replacement
            start = match.upperBound
            try spend(replacement.count)
        }
        return result + utf8(value[start...])
    }

    private func utf8(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt8] {
        scalars.flatMap { Array(UTF8.encode($0) ?? UTF8.encodedReplacementCharacter) }
    }

    private mutating func value(of name: [UInt8]) -> String? {
        let value = variables[name]
        use.note(name, isSet: value != nil)
        return value
    }

    /// Letters, digits and `_`; or digits alone; or one of the shell's special parameters.
    private mutating func name() -> [UInt8] {
        let start = index
        guard let first = next else { return [] }
        if "@*#?-$!".utf8.contains(first) {
            index += 1
        } else if case let isNumber = digitWidth() > 0, isNumber || nameWidth() > 0 {
            while case let width = isNumber ? digitWidth() : nameWidth(), width > 0 { index += width }
        }
        return Array(bytes[start..<index])
    }

    private func digitWidth() -> Int { width { $0.generalCategory == .decimalNumber } }

    private func nameWidth() -> Int {
        if next == UInt8(ascii: "_") { return 1 }
        return width { properties in
            switch properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                .decimalNumber:
                true
            default: false
            }
        }
    }

    /// The bytes of the next scalar, or 0 where it is another one than asked for.
    private func width(where isWanted: (Unicode.Scalar.Properties) -> Bool) -> Int {
        guard let first = next else { return 0 }
        let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        let scalar = String(decoding: bytes[index..<min(index + width, bytes.count)], as: UTF8.self)
            .unicodeScalars.first
        return scalar.map { isWanted($0.properties) } == true ? width : 0
    }
}

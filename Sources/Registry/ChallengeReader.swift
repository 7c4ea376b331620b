/// Takes one field apart from left to right.
struct ChallengeReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ field: String) { bytes = Array(field.utf8) }

    /// The challenges up to the first mistake.
    mutating func challenges(atMost limit: Int) -> [Challenge] {
        var found: [Challenge] = []
        skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
        while found.count < limit, let challenge = challenge() {
            found.append(challenge)
            skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
        }
        return found
    }

    private mutating func challenge() -> Challenge? {
        guard let scheme = token(), isAtEnd || Self.isSpace(next) || next == UInt8(ascii: ",") else {
            return nil
        }
        var challenge = Challenge(scheme: scheme.lowercased())
        let isFollowed = !isAtEnd && Self.isSpace(next)
        skip(Self.isSpace)
        if isFollowed, let text = token68() {
            challenge.token68 = text
            return challenge
        }
        while true {
            let before = place
            skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
            guard let name = parameterName() else {
                // The next word is another challenge's scheme, or the end.
                place = before
                return isAtEndOrWord ? challenge : nil
            }
            guard challenge.parameters.count < Challenge.countLimit, let value = value(),
                isAtEnd || Self.isSpace(next) || next == UInt8(ascii: ",")
            else { return nil }
            challenge.parameters.append(.init(name: name.lowercased(), value: value))
        }
    }

    /// A name with its `=`, or nothing read at all.
    private mutating func parameterName() -> String? {
        let before = place
        guard let name = token() else { return nil }
        skip(Self.isSpace)
        guard take("=") else {
            place = before
            return nil
        }
        skip(Self.isSpace)
        return name
    }

    /// A quoted string, or, as some servers write it, everything up to a comma or a space.
    private mutating func value() -> String? {
        guard take("\"") else {
            let start = place
            skip { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") }
            return place == start ? nil : text(start..<place)
        }
        var unescaped: [UInt8] = []
        while !isAtEnd {
            let byte = next
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: unescaped, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard !isAtEnd, next >= 0x20 || next == 0x09, next != 0x7F else { return nil }
                unescaped.append(next)
                place += 1
            case ..<0x20 where byte != 0x09, 0x7F: return nil
            default: unescaped.append(byte)
            }
        }
        return nil
    }

    /// Letters, digits and `-._~+/`, then `=`; only where nothing but the next challenge follows.
    private mutating func token68() -> String? {
        let before = place
        skip { Self.isAlphanumeric($0) || "-._~+/".utf8.contains($0) }
        guard place > before else { return nil }
        skip { $0 == UInt8(ascii: "=") }
        let end = place
        skip(Self.isSpace)
        guard isAtEnd || next == UInt8(ascii: ",") else {
            place = before
            return nil
        }
        return text(before..<end)
    }

    private mutating func token() -> String? {
        let start = place
        skip { Self.isAlphanumeric($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
        return place == start ? nil : text(start..<place)
    }

    /// Whether what follows, behind commas and spaces, can begin a challenge.
    private var isAtEndOrWord: Bool {
        guard let byte = bytes[place...].first(where: { $0 != UInt8(ascii: ",") && !Self.isSpace($0) }) else {
            return true
        }
        return Self.isAlphanumeric(byte)
    }

    private var isAtEnd: Bool { place == bytes.count }
    private var next: UInt8 { bytes[place] }

    private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
        while !isAtEnd, isSkipped(next) { place += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard !isAtEnd, next == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}

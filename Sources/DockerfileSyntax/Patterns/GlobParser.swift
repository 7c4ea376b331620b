/// What one place of a pattern matches.
enum GlobSlot: Sendable {
    case literal(UInt32)
    /// `?`
    case one
    /// `*`
    case star
    /// `**` at the end, or before a name without `/` between.
    case anything
    /// `**/`: nothing, or…
    case directories
    /// …anything up to a `/`. Always follows ``directories``.
    case inDirectories
    case set([ClosedRange<UInt32>], isInverted: Bool)

    /// Whether it matches a character and is done; those that match more are the machine's.
    func matches(_ unit: UInt32) -> Bool {
        switch self {
        case .literal(let wanted): unit == wanted
        case .one: unit != UInt32(Characters.slash)
        case .set(let ranges, let isInverted): ranges.contains { $0.contains(unit) } != isInverted
        case .inDirectories: unit == UInt32(Characters.slash)
        case .star, .anything, .directories: false
        }
    }

    /// Whether it may match a `/`, alone or among others.
    private var mayCross: Bool {
        switch self {
        case .one, .star: false
        case .literal, .set: matches(UInt32(Characters.slash))
        case .anything, .directories, .inDirectories: true
        }
    }

    /// Of `**/` and a name, the ASCII byte that the name begins with.
    static func initial(of slots: [GlobSlot]) -> UInt8? {
        guard slots.count > 2, case .directories = slots[0], case .literal(let unit) = slots[2], unit < 0x80,
            !slots[2...].contains(where: \.mayCross)
        else { return nil }
        return UInt8(unit)
    }

    /// The ASCII bytes that whatever matches the slots ends with; a byte beyond could be part of a longer character.
    static func suffix(of slots: [GlobSlot]) -> [UInt8] {
        var bytes: [UInt8] = []
        for case .literal(let unit) in slots.reversed().prefix(while: { slot in
            if case .literal(0..<0x80) = slot { true } else { false }
        }) {
            bytes.append(UInt8(truncatingIfNeeded: unit))
        }
        return bytes.reversed()
    }
}

extension ArraySlice<UInt8> {
    /// Whether the last bytes are these.
    func ends(with suffix: [UInt8]) -> Bool {
        guard count >= suffix.count else { return false }
        let start = endIndex - suffix.count
        // From the end on: there most differ.
        return suffix.indices.reversed().allSatisfy { self[start + $0] == suffix[$0] }
    }
}

extension RandomAccessCollection where Element == UInt8, Index == Int {
    /// The character at an index and its number of bytes; a byte that begins none is 0x110000 and itself.
    func unit(at index: Int) -> (value: UInt32, width: Int) {
        let first = self[index]
        guard first >= 0x80 else { return (UInt32(first), 1) }
        let width = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard index + width <= endIndex else { return (0x11_0000 + UInt32(first), 1) }
        var iterator = self[index..<(index + width)].makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        if case .valid(let encoded) = parser.parseScalar(from: &iterator), encoded.count == width {
            return (UTF8.decode(encoded).value, width)
        }
        return (0x11_0000 + UInt32(first), 1)
    }
}

/// Reads a pattern.
struct GlobParser {
    private let pattern: [UInt8]
    private var index = 0
    /// How many bytes before the first special one are a name; what follows them is in the slots.
    private(set) var literalCount = 0

    init(_ pattern: [UInt8]) { self.pattern = pattern }

    private static let special = Array("*?[\\".utf8)

    mutating func slots() throws(PatternError) -> [GlobSlot] {
        literalCount = pattern.firstIndex(where: Self.special.contains) ?? pattern.count
        index = literalCount
        var slots: [GlobSlot] = []
        while index < pattern.count {
            let (unit, width) = pattern.unit(at: index)
            index += width
            switch pattern[index - width] {
            case UInt8(ascii: "*"): slots += stars()
            case UInt8(ascii: "?"): slots.append(.one)
            case UInt8(ascii: "["): slots.append(try set())
            case Characters.backslash:
                guard index < pattern.count else { throw PatternError(pattern, "it ends with \\") }
                let (unit, width) = pattern.unit(at: index)
                slots.append(.literal(unit))
                index += width
            default: slots.append(.literal(unit))
            }
        }
        return slots
    }

    private mutating func stars() -> [GlobSlot] {
        let start = index - 1
        guard index < pattern.count, pattern[index] == UInt8(ascii: "*") else { return [.star] }
        index += 1
        let hasSlash = index < pattern.count && pattern[index] == Characters.slash
        if hasSlash { index += 1 }
        if index == pattern.count { return [.anything] }
        // As moby has it: `**name` is whatever ends with the name, but `**name*` begins a path's component.
        let isSuffix = start == 0 && !pattern[index...].contains { Self.special.contains($0) || $0 == 0x5D }
        return isSuffix && !hasSlash ? [.anything] : [.directories, .inDirectories]
    }

    private mutating func set() throws(PatternError) -> GlobSlot {
        var ranges: [ClosedRange<UInt32>] = []
        let isInverted = index < pattern.count && pattern[index] == UInt8(ascii: "^")
        if isInverted { index += 1 }
        while true {
            if index < pattern.count, pattern[index] == UInt8(ascii: "]"), !ranges.isEmpty {
                index += 1
                return .set(ranges, isInverted: isInverted)
            }
            let low = try setMember()
            var high = low
            if pattern[index] == Characters.dash {
                index += 1
                high = try setMember()
            }
            // An upside-down range holds nothing, as in Go.
            ranges.append(low <= high ? low...high : UInt32.max...UInt32.max)
        }
    }

    private mutating func setMember() throws(PatternError) -> UInt32 {
        if index < pattern.count, pattern[index] == Characters.backslash {
            index += 1
        } else if index < pattern.count,
            pattern[index] == Characters.dash || pattern[index] == UInt8(ascii: "]")
        {
            throw PatternError(pattern, "in a set \\ stands before a - or ] that means itself")
        }
        guard index < pattern.count else { throw PatternError(pattern, "a [ that no ] closes") }
        let (unit, width) = pattern.unit(at: index)
        guard unit < 0x11_0000 else { throw PatternError(pattern, "a set with a byte that is not UTF-8") }
        index += width
        guard index < pattern.count else { throw PatternError(pattern, "a [ that no ] closes") }
        return unit
    }
}

import Linux

/// A shell pattern over bytes.
///
/// `*` is any bytes but `/`, `**` any bytes, and `**/` at the beginning of a
/// component any directories or none. `?` is one byte but `/`, `[a-z]` and
/// `[!a-z]` one byte of a set, and a backslash takes the next byte as it is.
struct Pattern: Sendable {
    fileprivate enum Element: Sendable {
        case byte(UInt8)
        case anyByte
        case set([ClosedRange<UInt8>], isNegated: Bool)
        case anyWithinComponent
        case anything
        /// Stands before ``withinDirectory``: here a component begins.
        case directories
        case withinDirectory
    }

    private let elements: [Element]

    /// - Throws: ``LayerError/pattern(_:_:)``.
    init(_ text: String) throws(LayerError) { try self.init(Array(text.utf8)[...]) }

    /// - Throws: ``LayerError/pattern(_:_:)``.
    init(_ text: ArraySlice<UInt8>) throws(LayerError) {
        var rest = text
        var elements: [Element] = []
        var isComponentStart = true
        while let byte = rest.popFirst() {
            let wasComponentStart = isComponentStart
            isComponentStart = byte == UInt8(ascii: "/")
            switch byte {
            case UInt8(ascii: "*"):
                let isDouble = rest.first == UInt8(ascii: "*")
                rest = rest.drop { $0 == UInt8(ascii: "*") }
                if isDouble, wasComponentStart, rest.first == UInt8(ascii: "/") {
                    rest.removeFirst()
                    elements += [.directories, .withinDirectory]
                    isComponentStart = true
                } else {
                    elements.append(isDouble ? .anything : .anyWithinComponent)
                }
            case UInt8(ascii: "?"): elements.append(.anyByte)
            case UInt8(ascii: "["):
                guard let set = Self.set(from: &rest) else {
                    throw .pattern(escaped(text), "a [ without its ]")
                }
                elements.append(set)
            case UInt8(ascii: "\\"):
                guard let next = rest.popFirst() else {
                    throw .pattern(escaped(text), "nothing behind the last backslash")
                }
                elements.append(.byte(next))
            default: elements.append(.byte(byte))
            }
        }
        self.elements = elements
    }

    private static func set(from rest: inout ArraySlice<UInt8>) -> Element? {
        let isNegated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<UInt8>] = []
        var isFirst = true
        while var first = rest.popFirst() {
            // A ] in the first place stands for itself.
            if first == UInt8(ascii: "]"), !isFirst { return .set(ranges, isNegated: isNegated) }
            isFirst = false
            if first == UInt8(ascii: "\\") {
                guard let next = rest.popFirst() else { return nil }
                first = next
            }
            guard rest.first == UInt8(ascii: "-"), var last = rest.dropFirst().first,
                last != UInt8(ascii: "]")
            else {
                ranges.append(first...first)
                continue
            }
            rest.removeFirst(2)
            if last == UInt8(ascii: "\\") {
                guard let next = rest.popFirst() else { return nil }
                last = next
            }
            // A range that runs backwards is empty, as in fnmatch(3).
            if first <= last { ranges.append(first...last) }
        }
        return nil
    }

    /// Whether all of the bytes match.
    ///
    /// Takes time linear in pattern times text: an element is looked at once a byte, however many stars there are.
    func matches(_ text: ArraySlice<UInt8>) -> Bool {
        // The elements that may come next, as in Thompson's automaton.
        var states = States(count: elements.count + 1)
        enter(0, &states)
        for byte in text {
            let current = states.advance()
            if current.isEmpty { return false }
            for state in current where state < elements.count {
                if let next = elements[state].next(from: state, by: byte) { enter(next, &states) }
            }
        }
        return states.contains(elements.count)
    }

    /// Stars may match nothing: whoever comes to one is also behind it.
    private func enter(_ start: Int, _ states: inout States) {
        var state = start
        while states.insert(state), state < elements.count, let length = elements[state].skippedElements {
            state += length
        }
    }
}

/// A set of small numbers that is filled anew for each byte, without new memory.
private struct States {
    private var members: [Int] = []
    private var turns: [Int]
    private var turn = 1

    init(count: Int) { turns = [Int](repeating: 0, count: count) }

    /// - Returns: The members so far; the set is empty now.
    mutating func advance() -> [Int] {
        turn += 1
        defer { members.removeAll(keepingCapacity: true) }
        return members
    }

    /// - Returns: Whether it was no member yet.
    mutating func insert(_ member: Int) -> Bool {
        guard turns[member] != turn else { return false }
        turns[member] = turn
        members.append(member)
        return true
    }

    func contains(_ member: Int) -> Bool { turns[member] == turn }
}

extension Pattern.Element {
    /// How many elements an empty match goes over; `nil` for what matches at least one byte.
    fileprivate var skippedElements: Int? {
        switch self {
        case .anything, .anyWithinComponent: 1
        case .directories: 2
        case .byte, .anyByte, .set, .withinDirectory: nil
        }
    }

    /// The element to go on with behind a byte; `nil` where the byte does not match.
    fileprivate func next(from state: Int, by byte: UInt8) -> Int? {
        let isSlash = byte == UInt8(ascii: "/")
        return switch self {
        case .byte(let own): byte == own ? state + 1 : nil
        case .anyByte: isSlash ? nil : state + 1
        case .set(let ranges, let isNegated):
            !isSlash && ranges.contains { $0 ~= byte } != isNegated ? state + 1 : nil
        case .anyWithinComponent: isSlash ? nil : state
        case .anything: state
        case .directories: isSlash ? nil : state + 1
        case .withinDirectory: isSlash ? state - 1 : state
        }
    }
}

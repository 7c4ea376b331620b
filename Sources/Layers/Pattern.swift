/// A shell pattern over bytes.
///
/// `*` is any bytes but `/`, `**` any bytes, `?` one byte but `/`, `[a-z]` and
/// `[!a-z]` one byte of a set, and a backslash takes the next byte as it is.
struct Pattern: Sendable {
    fileprivate enum Element: Sendable {
        case byte(UInt8)
        case anyByte
        case set([ClosedRange<UInt8>], isNegated: Bool)
        case anyWithinComponent
        case anything
    }

    private let elements: [Element]

    /// - Throws: ``LayerError/pattern(_:_:)``.
    init(_ text: some StringProtocol) throws(LayerError) {
        var rest = Array(text.utf8)[...]
        var elements: [Element] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"):
                let isDouble = rest.first == UInt8(ascii: "*")
                rest = rest.drop { $0 == UInt8(ascii: "*") }
                elements.append(isDouble ? .anything : .anyWithinComponent)
            case UInt8(ascii: "?"): elements.append(.anyByte)
            case UInt8(ascii: "["):
                guard let set = Self.set(from: &rest) else {
                    throw .pattern(String(text), "a [ without its ]")
                }
                elements.append(set)
            case UInt8(ascii: "\\"):
                guard let next = rest.popFirst() else {
                    throw .pattern(String(text), "nothing behind the last backslash")
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
        while let first = rest.popFirst() {
            // A ] in the first place stands for itself.
            if first == UInt8(ascii: "]"), !ranges.isEmpty { return .set(ranges, isNegated: isNegated) }
            if rest.first == UInt8(ascii: "-"), let last = rest.dropFirst().first, last != UInt8(ascii: "]") {
                rest.removeFirst(2)
                // A range that runs backwards is empty, as in fnmatch(3).
                if first <= last { ranges.append(first...last) }
            } else {
                ranges.append(first...first)
            }
        }
        return nil
    }

    /// Whether all of the bytes match.
    ///
    /// Takes time linear in pattern times text: a star goes back to the star before it at most once a byte.
    func matches(_ text: ArraySlice<UInt8>) -> Bool {
        // The set of elements that may come next, as in Thompson's automaton.
        var states: Set<Int> = closure([0])
        for byte in text {
            var next: Set<Int> = []
            for state in states where state < elements.count {
                switch elements[state] {
                case .byte(byte): next.insert(state + 1)
                case .byte: break
                case .anyByte where byte != UInt8(ascii: "/"): next.insert(state + 1)
                case .anyByte: break
                case .set(let ranges, let isNegated):
                    if byte != UInt8(ascii: "/"), ranges.contains(where: { $0 ~= byte }) != isNegated {
                        next.insert(state + 1)
                    }
                case .anyWithinComponent: if byte != UInt8(ascii: "/") { next.insert(state) }
                case .anything: next.insert(state)
                }
            }
            if next.isEmpty { return false }
            states = closure(next)
        }
        return states.contains(elements.count)
    }

    /// Stars may match nothing.
    private func closure(_ states: Set<Int>) -> Set<Int> {
        var all = states
        for state in states {
            var next = state
            while next < elements.count, elements[next].mayBeEmpty {
                next += 1
                all.insert(next)
            }
        }
        return all
    }
}

extension Pattern.Element {
    fileprivate var mayBeEmpty: Bool {
        switch self {
        case .anything, .anyWithinComponent: true
        case .byte, .anyByte, .set: false
        }
    }
}

/// A pattern as a machine that is in many states at once, a bit for each: it never goes back.
///
/// State n says that the slots before n have matched; the last state, that all have.
struct GlobMachine: Sendable {
    private let slots: [GlobSlot]
    /// How many words of 64 bits the states take.
    private let width: Int
    /// For each ASCII character the states whose slot it matches.
    private let accepting: [UInt64]
    /// The states that stay where they are at `/`, and at another character.
    private let staying: (slash: [UInt64], other: [UInt64])
    /// The states that go on without a character, and how far.
    private let skips: [(state: Int, reach: Int)]

    init(_ slots: [GlobSlot]) {
        self.slots = slots
        let width = slots.count / 64 + 1
        self.width = width
        var accepting = [UInt64](repeating: 0, count: 128 * width)
        var slash = [UInt64](repeating: 0, count: width)
        var (other, skips) = (slash, [(state: Int, reach: Int)]())
        for (state, slot) in slots.enumerated() {
            let bit = UInt64(1) << UInt64(state % 64)
            for unit in 0..<128 where slot.matches(UInt32(unit)) {
                accepting[unit * width + state / 64] |= bit
            }
            switch slot {
            case .star:
                other[state / 64] |= bit
                skips.append((state, 1))
            case .anything:
                slash[state / 64] |= bit
                other[state / 64] |= bit
                skips.append((state, 1))
            case .inDirectories:
                slash[state / 64] |= bit
                other[state / 64] |= bit
            case .directories: skips += [(state, 1), (state, 2)]
            case .literal, .one, .set: break
            }
        }
        (self.accepting, self.skips, staying) = (accepting, skips, (slash, other))
    }

    /// Whether a path matches, or with `orParent` its beginning up to a `/`.
    func matches(_ path: ArraySlice<UInt8>, orParent: Bool) -> Bool {
        if width == 1 { return matchesNarrow(path, orParent: orParent) }
        var states = start
        var index = path.startIndex
        while index < path.endIndex {
            if orParent, path[index] == Characters.slash, index > 0, holds(states, slots.count) {
                return true
            }
            guard step(&states, path, &index) else { return false }
        }
        return holds(states, slots.count)
    }

    /// The same where the states fit one word, as they do but for very long patterns: without memory of its own.
    private func matchesNarrow(_ path: ArraySlice<UInt8>, orParent: Bool) -> Bool {
        let end = UInt64(1) << UInt64(slots.count)
        var states = skipped(1)
        var index = path.startIndex
        while index < path.endIndex {
            if orParent, path[index] == Characters.slash, index > 0, states & end != 0 { return true }
            let (unit, length) = path.unit(at: index)
            index += length
            let isSlash = unit == UInt32(Characters.slash)
            let matched = states & (unit < 128 ? accepting[Int(unit)] : beyondASCII(unit, 0))
            states = skipped(matched << 1 | states & (isSlash ? staying.slash[0] : staying.other[0]))
            if states == 0 { return false }
        }
        return states & end != 0
    }

    private func skipped(_ states: UInt64) -> UInt64 {
        var states = states
        for (state, reach) in skips where states & 1 << UInt64(state) != 0 {
            states |= 1 << UInt64(state + reach)
        }
        return states
    }

    /// Whether a path that begins so, and is longer, may match.
    func mayContinue(_ path: ArraySlice<UInt8>) -> Bool {
        var states = start
        var index = path.startIndex
        while index < path.endIndex { guard step(&states, path, &index) else { return false } }
        states[slots.count / 64] &= ~(1 << UInt64(slots.count % 64))
        return states.contains { $0 != 0 }
    }

    private var start: [UInt64] {
        var states = [UInt64](repeating: 0, count: width)
        states[0] = 1
        skip(&states)
        return states
    }

    private func holds(_ states: [UInt64], _ state: Int) -> Bool {
        states[state / 64] & 1 << UInt64(state % 64) != 0
    }

    private func skip(_ states: inout [UInt64]) {
        for (state, reach) in skips where holds(states, state) {
            states[(state + reach) / 64] |= 1 << UInt64((state + reach) % 64)
        }
    }

    /// Passes one character; whether any state is left.
    private func step(_ states: inout [UInt64], _ path: ArraySlice<UInt8>, _ index: inout Int) -> Bool {
        let (unit, length) = path.unit(at: index)
        index += length
        let isSlash = unit == UInt32(Characters.slash)
        var (carry, all): (UInt64, UInt64) = (0, 0)
        for word in 0..<width {
            let matched =
                states[word] & (unit < 128 ? accepting[Int(unit) * width + word] : beyondASCII(unit, word))
            let stays = states[word] & (isSlash ? staying.slash[word] : staying.other[word])
            states[word] = matched << 1 | carry | stays
            carry = matched >> 63
            all |= states[word]
        }
        guard all != 0 else { return false }
        if !skips.isEmpty { skip(&states) }
        return true
    }

    private func beyondASCII(_ unit: UInt32, _ word: Int) -> UInt64 {
        var bits: UInt64 = 0
        for state in (word * 64)..<min(word * 64 + 64, slots.count) where slots[state].matches(unit) {
            bits |= 1 << UInt64(state % 64)
        }
        return bits
    }
}

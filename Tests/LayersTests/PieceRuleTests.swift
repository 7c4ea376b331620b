import TestSupport
import Testing

@testable import Layers

/// A path whose hash is so far from zero that only other reasons end a piece before it, or zero.
private func path(endingPieces: Bool) -> [UInt8] {
    for number in 0... {
        let path = Array("path\(number)".utf8)
        let place = PieceRule.hash(path) % UInt64(PieceRule.least)
        if endingPieces ? place < 512 : place > 200 * 1024 { return path }
    }
    return []
}

struct PieceRuleTests {
    @Test(
        arguments: [
            // An empty piece never ends.
            (0, true, 0, false), (0, true, 5 << 20, false),
            // Below 256 KiB the name does not count, from there on it does.
            (262_143, true, 0, false), (262_144, true, 0, true), (262_144, false, 0, false),
            (1_000_000, false, 0, false), (1_000_000, true, 0, true),
            // No piece has more content than 1 MiB.
            (262_144, false, 786_432, true), (262_143, false, 786_433, false),
            (262_143, false, 786_434, true),
            (1, false, 1_048_575, false), (2, false, 1_048_575, true), (1_048_576, false, 0, false),
            (1_048_577, false, 0, true),
            // A large file begins a piece.
            (1, false, 1_048_576, true), (512, false, 1 << 40, true), (512, true, .max, true),
        ] as [(Int, Bool, Int64, Bool)])
    func `a piece ends here and nowhere else`(gathered: Int, isAtHash: Bool, size: Int64, ends: Bool) {
        let path = path(endingPieces: isAtHash)
        #expect(PieceRule.endsPiece(holding: gathered, before: path, size: size) == ends)
    }

    /// Fixed for ever: another hash would change every compressed digest.
    @Test(
        arguments: [
            ("", 0xEFD0_1F60_BA99_2926), ("a", 0x82A2_A958_A9BE_CE5B), ("usr/bin/env", 0xEF91_F95B_523C_C516),
        ] as [(String, UInt64)])
    func `the hash of a name is this number`(name: String, hash: UInt64) {
        #expect(PieceRule.hash(Array(name.utf8)) == hash)
    }

    @Test func `names that differ in one digit fall anywhere`() {
        var counts = [Int](repeating: 0, count: 8)
        for number in 0..<8000 {
            counts[Int(PieceRule.hash(Array("dir/file\(number).txt".utf8)) >> 13 & 7)] += 1
        }
        #expect(counts.allSatisfy { (850...1150).contains($0) }, "\(counts)")
    }
}

/// One entry of a simulated tree.
private struct Entry {
    let path: [UInt8]
    var size: Int
    /// Bytes of the tar: header and padded content.
    var length: Int { 512 + (size + 511) / 512 * 512 }
}

/// Sizes as trees have them.
private enum Sizes: String, CaseIterable, CustomTestStringConvertible {
    case small, empty, upTo64KiB, from100To900KB, mixed, mostlySmall, heavyTail, about350KiB, about260KiB

    var testDescription: String { rawValue }

    func entries(_ count: Int) -> [Entry] {
        var random: UInt64 = 42
        func next() -> Double {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(random >> 11) / Double(1 << 53)
        }
        /// Doubles as often as coins fall on heads: many small ones and few large ones.
        func tail(from start: Double, _ chance: Double) -> Int {
            var size = start * (0.5 + next())
            while next() < chance { size *= 2 }
            return Int(min(size, 40_000_000))
        }
        func large() -> Int { Int(100_000 + next() * 800_000) }
        return (0..<count).map { number in
            let path = Array("d\(number / 500)/s\(number / 50 % 10)/file\(number).txt".utf8)
            let size: Int =
                switch self {
                case .small: tail(from: 1000, 0.5)
                case .empty: 0
                case .upTo64KiB: Int(next() * 65_536)
                case .from100To900KB: large()
                case .mixed: next() < 0.5 ? tail(from: 1000, 0.5) : large()
                case .mostlySmall: next() < 0.9 ? tail(from: 1000, 0.5) : large()
                case .heavyTail: tail(from: 2000, 0.7)
                case .about350KiB: Int((300 + next() * 100) * 1024)
                case .about260KiB: Int((250 + next() * 20) * 1024)
                }
            return Entry(path: path, size: size)
        }
    }
}

/// The indices of the entries that begin a piece; of a file that is cut only its beginning counts.
private func starts(_ entries: [Entry], until isOver: (Int) -> Bool = { _ in false }) -> [Int] {
    var starts = [0]
    var gathered = 0
    for (index, entry) in entries.enumerated() {
        if PieceRule.endsPiece(holding: gathered, before: entry.path, size: Int64(entry.size)) {
            starts.append(index)
            gathered = 0
            if isOver(index) { return starts }
        }
        gathered += entry.length
        if entry.size >= PieceRule.most {
            gathered = 0
            if index + 1 < entries.count {
                starts.append(index + 1)
                if isOver(index + 1) { return starts }
            }
        }
    }
    return starts
}

struct PieceRuleStabilityTests {
    /// How many pieces are new after each of many changes of one small file, ascending.
    private func changedPieces(_ entries: [Entry], changes: Int) -> [Int] {
        let old = starts(entries)
        let oldStarts = Set(old)
        var random: UInt64 = 7
        return (0..<changes).map { number in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var place = Int(random >> 33) % entries.count
            while entries[place].size >= PieceRule.most - 65_536 { place = (place + 1) % entries.count }
            // The piece before is looked at too: whether it ends here may depend on the changed size.
            let first = old.last { $0 < place } ?? 0
            var changed = Array(entries[first..<min(first + 8000, entries.count)])
            let local = place - first
            let shift = number % 3 == 0 ? 1 : 0
            if number % 3 == 0 {
                changed.remove(at: local)
            } else {
                changed[local].size += number % 3 == 1 ? 700 : Int(random >> 40) % 60_000
            }
            // From a cut that both have, behind the change, everything is as it was.
            let new = starts(changed) { $0 + shift > local && oldStarts.contains($0 + first + shift) }
            let isFirstKept = new.count > 1 && new[1] <= local && oldStarts.contains(first + new[1])
            return new.count - (isFirstKept ? 2 : 1)
        }.sorted()
    }

    @Test(arguments: Sizes.allCases)
    private func `a small file that grows or goes changes few pieces`(sizes: Sizes) {
        let changed = changedPieces(
            sizes.entries(50_000), changes: Requirement.isLongRun ? 3000 : 300)
        let (p90, p99) = (changed[changed.count * 90 / 100], changed[changed.count * 99 / 100])
        #expect(p90 <= 3, "90th percentile \(p90), 99th \(p99), most \(changed.last ?? 0)")
        #expect(p99 <= 8, "90th percentile \(p90), 99th \(p99), most \(changed.last ?? 0)")
    }

    @Test(arguments: Sizes.allCases)
    private func `pieces are neither tiny nor huge`(sizes: Sizes) {
        let entries = sizes.entries(50_000)
        let cuts = starts(entries) + [entries.count]
        let lengths = zip(cuts, cuts.dropFirst()).map { entries[$0..<$1].reduce(0) { $0 + $1.length } }
        let small = zip(cuts, lengths).filter { entries[$0.0].size < PieceRule.most }.map { $0.1 }
        // 1 MiB of content, and the header and padding of the last entry.
        #expect(small.allSatisfy { $0 <= PieceRule.most + 1024 })
        #expect(small.reduce(0, +) / small.count >= PieceRule.least)
    }
}

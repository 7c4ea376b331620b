/// A version that begins with a number, in the order of versions.
///
/// Semantic Versioning's order, widened to what builders really call themselves:
///
/// - A `v` in front, everything from the first `+` on, and the remark ` (built with)` that varve
///   itself writes are not compared.
/// - What stands before the first `-` is cut at its dots. Parts are compared one by one, and
///   missing ones count as 0: `1.7` is `1.7.0`. A part is its number, of any length, and then what
///   follows the digits, by its bytes: `1.1.1` < `1.1.1w` < `1.1.2`. A part without digits comes
///   after those with.
/// - Behind the first `-`, digits alone are a packager's revision: later than the version without
///   it, compared as a number, so that `1.0.5801` < `1.0.5801-000` < `1.0.5801-001`.
/// - Anything else behind it is a pre-release, earlier than the version without it and compared as
///   SemVer says: `1.7.5-rc.2` < `1.7.5-rc.10` < `1.7.5`.
///
/// Source: Semantic Versioning 2.0.0, sections 9 to 11.
struct OrderedVersion: Comparable, Sendable {
    private let release: [VersionPart]
    private let suffix: Suffix

    private enum Suffix {
        case prerelease([VersionPart]), none, revision(VersionPart)

        var rank: Int {
            switch self {
            case .prerelease: 0
            case .none: 1
            case .revision: 2
            }
        }
    }

    /// - Returns: `nil` for a text that has no number where a version begins: `latest`, a digest.
    init?(_ text: String) {
        var bytes = Array(text.utf8)[...]
        let remark = Array(" (built with)".utf8)
        if bytes.reversed().starts(with: remark.reversed()) { bytes = bytes.dropLast(remark.count) }
        if let first = bytes.first, first == UInt8(ascii: "v") || first == UInt8(ascii: "V") {
            bytes = bytes.dropFirst()
        }
        guard let first = bytes.first, VersionPart.isDigit(first) else { return nil }
        bytes = bytes.prefix { $0 != UInt8(ascii: "+") }
        let halves = bytes.split(
            separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        release = VersionPart.all(in: halves[0])
        guard halves.count == 2 else {
            suffix = .none
            return
        }
        let isRevision = !halves[1].isEmpty && halves[1].allSatisfy(VersionPart.isDigit)
        suffix =
            isRevision
            ? .revision(VersionPart(halves[1])) : .prerelease(VersionPart.identifiers(in: halves[1]))
    }

    static func == (left: OrderedVersion, right: OrderedVersion) -> Bool {
        !(left < right) && !(right < left)
    }

    static func < (left: OrderedVersion, right: OrderedVersion) -> Bool {
        for place in 0..<max(left.release.count, right.release.count) {
            let one = place < left.release.count ? left.release[place] : .zero
            let other = place < right.release.count ? right.release[place] : .zero
            if one != other { return one < other }
        }
        return switch (left.suffix, right.suffix) {
        case (.prerelease(let one), .prerelease(let other)): one.lexicographicallyPrecedes(other)
        case (.revision(let one), .revision(let other)): one < other
        default: left.suffix.rank < right.suffix.rank
        }
    }
}

/// What stands between two dots of a version: a number, and what follows it.
private struct VersionPart: Comparable, Sendable {
    /// Digits without zeros in front, so that numbers of any length can be compared; `nil` where there is none.
    private let number: [UInt8]?
    private let rest: [UInt8]

    static let zero = VersionPart([])

    init(_ bytes: ArraySlice<UInt8>) {
        let digits = bytes.prefix(while: Self.isDigit)
        // Nothing between two dots is as good as a zero there.
        number = digits.isEmpty && !bytes.isEmpty ? nil : Array(digits.drop { $0 == UInt8(ascii: "0") })
        rest = Array(bytes.dropFirst(digits.count))
    }

    /// An identifier of a pre-release that is no number as a whole, and is compared as a text.
    private init(text: ArraySlice<UInt8>) { (number, rest) = (nil, Array(text)) }

    static func all(in bytes: ArraySlice<UInt8>) -> [VersionPart] {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { VersionPart($0) }
    }

    static func identifiers(in bytes: ArraySlice<UInt8>) -> [VersionPart] {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { part in
            part.allSatisfy(isDigit) ? VersionPart(part) : VersionPart(text: part)
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func < (left: VersionPart, right: VersionPart) -> Bool {
        switch (left.number, right.number) {
        case (let one?, let other?) where one != other:
            one.count == other.count ? one.lexicographicallyPrecedes(other) : one.count < other.count
        case (.some, nil): true
        case (nil, .some): false
        default: left.rest.lexicographicallyPrecedes(right.rest)
        }
    }
}

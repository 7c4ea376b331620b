/// HEALTHCHECK.
public enum Healthcheck: Hashable, Sendable {
    /// No check, whatever the base has.
    case none
    /// A command that is run again and again.
    case command(CommandLine, Times)

    /// When the command is run; nanoseconds, and 0 where the container engine decides.
    public struct Times: Hashable, Sendable {
        /// `--interval`.
        public let interval: Int64
        /// `--timeout`.
        public let timeout: Int64
        /// `--start-period`.
        public let startPeriod: Int64
        /// `--start-interval`.
        public let startInterval: Int64
        /// `--retries`.
        public let retries: Int32
    }

    init(_ statement: Statement) throws(SyntaxError) {
        guard case .kind(let kind, let arguments) = statement.arguments else {
            throw SyntaxError(statement.position, "HEALTHCHECK requires at least one argument: NONE or CMD")
        }
        let flags = try Flags(
            statement,
            [
                "interval": .value, "timeout": .value, "start-period": .value, "start-interval": .value,
                "retries": .value,
            ])
        switch (kind.text.uppercased(), arguments) {
        case ("NONE", .none):
            guard statement.flags.isEmpty else { throw kind.error("HEALTHCHECK NONE takes no flags") }
            self = .none
        case ("NONE", _): throw kind.error("HEALTHCHECK NONE takes no arguments")
        case ("CMD", .json(let words)) where !words.isEmpty: self = .command(.exec(words), try Times(flags))
        case ("CMD", .text(let word)): self = .command(.shell(word), try Times(flags))
        case ("CMD", _): throw kind.error("HEALTHCHECK CMD without a command")
        default:
            throw kind.error(
                "HEALTHCHECK is NONE or CMD, not \(kind.text.quoted)",
                suggestion: suggestion(for: kind.text, among: ["NONE", "CMD"]))
        }
    }
}

extension Healthcheck.Times {
    init(_ flags: Flags) throws(SyntaxError) {
        interval = try Self.duration(flags, "interval")
        timeout = try Self.duration(flags, "timeout")
        startPeriod = try Self.duration(flags, "start-period")
        startInterval = try Self.duration(flags, "start-interval")
        guard let word = flags.value("retries") else {
            retries = 0
            return
        }
        guard let number = Int32(word.text), number >= 0 else {
            throw word.error("--retries is a number from 0 to \(Int32.max), not \(word.text.quoted)")
        }
        retries = number
    }

    private static func duration(_ flags: Flags, _ name: String) throws(SyntaxError) -> Int64 {
        guard let word = flags.value(name) else { return 0 }
        guard let duration = nanoseconds(word.text) else {
            throw word.error("--\(name) is a duration such as 30s or 1m30s, not \(word.text.quoted)")
        }
        guard duration == 0 || duration >= 1_000_000 else {
            throw word.error("--\(name) is 0 or at least 1ms, not \(word.text.quoted)")
        }
        return duration
    }
}

/// A duration as Go writes it: numbers with units, `1h15m30.918s`; `nil` where it is malformed or beyond 64 bits.
///
/// Source: Go's `time.ParseDuration`.
func nanoseconds(_ text: String) -> Int64? {
    let units: [(name: String, value: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]
    var rest = Array(text.utf8)[...]
    let isNegative = rest.first == Characters.dash
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    if rest.elementsEqual("0".utf8) { return 0 }
    guard !rest.isEmpty, rest.count <= 256 else { return nil }
    var total: Int64 = 0
    while !rest.isEmpty {
        let whole = rest.prefix(while: Characters.isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: Characters.isDigit)
            rest = rest.dropFirst(fraction.count + 1)
        }
        let name = rest.prefix { !Characters.isDigit($0) && $0 != UInt8(ascii: ".") }
        rest = rest.dropFirst(name.count)
        guard !whole.isEmpty || !fraction.isEmpty,
            let unit = units.first(where: { $0.name.utf8.elementsEqual(name) })?.value,
            let number = whole.isEmpty ? 0 : Int64(String(decoding: whole, as: UTF8.self))
        else { return nil }
        var (part, scale) = (Int64(0), unit)
        for digit in fraction where scale >= 10 {
            scale /= 10
            part += Int64(digit - 0x30) * scale
        }
        let (product, isBeyond) = number.multipliedReportingOverflow(by: unit)
        let (sum, isSumBeyond) = product.addingReportingOverflow(part)
        let (next, isTotalBeyond) = total.addingReportingOverflow(sum)
        guard !isBeyond, !isSumBeyond, !isTotalBeyond else { return nil }
        total = next
    }
    return isNegative ? -total : total
}

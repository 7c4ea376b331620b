/// A port, or ports, of EXPOSE.
///
/// Source: Dockerfile reference, "EXPOSE"; go-connections' nat for ranges and for what stands before a colon.
public struct Port: Hashable, Sendable {
    /// The first and the last port of the container.
    public let numbers: ClosedRange<UInt16>
    /// `tcp`, `udp` or `sctp`.
    public let transport: String

    /// Reads `80`, `80/udp`, `8000-8010`; of `ip:host:80` only what follows the last colon counts.
    ///
    /// - Throws: ``SyntaxError`` where a port is no number from 0 to 65535, or the transport is unknown.
    public init(_ word: Word) throws(SyntaxError) {
        let parts = word.text.lowercased().split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        transport = parts.count == 2 && !parts[1].isEmpty ? String(parts[1]) : "tcp"
        let ports = parts.first?.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        let ends = ports.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { text in
            text.utf8.allSatisfy(Characters.isDigit) ? UInt16(text) : nil
        }
        guard let low = ends.first ?? nil, let high = ends.last ?? nil, low <= high else {
            throw word.error(
                "\(word.text.quoted) is no port: a number up to 65535, a range, or either with /udp")
        }
        guard ["tcp", "udp", "sctp"].contains(transport) else {
            throw word.error(
                "the transport of a port is tcp, udp or sctp, not \(transport.quoted)",
                suggestion: suggestion(for: transport, among: ["tcp", "udp", "sctp"]))
        }
        numbers = low...high
    }
}

/// The signals that STOPSIGNAL may name.
enum Signal {
    private static let names = [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
        "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN",
        "TTOU",
        "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
    ]

    /// Refuses what is neither a number from 1 to 64 nor a name of Linux, with or without `SIG`.
    static func check(_ word: Word) throws(SyntaxError) {
        let text = word.text.uppercased()
        if text.utf8.allSatisfy(Characters.isDigit), let number = Int(text), (1...64).contains(number) {
            return
        }
        let name = text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text
        if names.contains(name) { return }
        for (base, sign) in [("RTMIN+", 15), ("RTMAX-", 14)] where name.hasPrefix(base) {
            if let offset = Int(name.dropFirst(6)), (1...sign).contains(offset) { return }
        }
        throw word.error(
            "unknown signal \(word.text.quoted)",
            suggestion: suggestion(for: name, among: names).map { "SIG\($0)" })
    }
}

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

/// The value of `--chmod`.
public enum FileMode: Hashable, Sendable {
    /// Permissions, up to 0o7777.
    case octal(UInt16)
    /// Changes as `chmod` has them, such as `u=rwX,go-w`.
    case symbolic(String)

    /// Reads a mode.
    ///
    /// - Throws: ``SyntaxError`` where it is neither.
    public init(_ word: Word) throws(SyntaxError) {
        let bytes = Array(word.text.utf8)
        if !bytes.isEmpty, bytes.allSatisfy({ (0x30...0x37).contains($0) }),
            let mode = UInt16(word.text, radix: 8),
            mode <= 0o7777
        {
            self = .octal(mode)
            return
        }
        let clauses = bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard clauses.allSatisfy(Self.isClause) else {
            throw word.error("\(word.text.quoted) is no mode: octal up to 7777, or such as u=rwX,go-w")
        }
        self = .symbolic(word.text)
    }

    private static func isClause(_ clause: ArraySlice<UInt8>) -> Bool {
        var rest = clause.drop { "ugoa".utf8.contains($0) }
        guard !rest.isEmpty else { return false }
        while let operation = rest.first {
            guard "+-=".utf8.contains(operation) else { return false }
            rest = rest.dropFirst()
            let permissions = rest.prefix { !"+-=".utf8.contains($0) }
            rest = rest.dropFirst(permissions.count)
            let isCopy = permissions.count == 1 && permissions.allSatisfy("ugo".utf8.contains)
            guard isCopy || permissions.allSatisfy("rwxXst".utf8.contains) else { return false }
        }
        return true
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

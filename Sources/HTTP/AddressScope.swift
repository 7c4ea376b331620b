/// How far the host of a URL can be, as far as its text says; a name can be anywhere.
///
/// Source: RFC 6890; RFC 4291, section 2; RFC 6761, section 6.3.
public enum AddressScope: Sendable {
    /// This machine: `localhost`, `127.0.0.0/8`, `::1`, and the unspecified addresses.
    case loopback
    /// This network alone: `169.254.0.0/16` (where clouds hand out credentials), `fe80::/10`.
    case linkLocal
    /// Somebody's own network: `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`, `100.64.0.0/10`, `fc00::/7`.
    case privateNetwork
    /// Everything else, names among it.
    case global

    /// The scope of a host as ``URL/Origin/host`` has it.
    public init(host: String) {
        if host == "localhost" || host.hasSuffix(".localhost") {
            self = .loopback
        } else if host.hasPrefix("[") {
            self = Self.parseIPv6(host.dropFirst().dropLast()).map(Self.init(ipv6:)) ?? .linkLocal
        } else {
            self = Self.parseIPv4(host).map(Self.init(ipv4:)) ?? .global
        }
    }

    private init(ipv4 bytes: [UInt8]) {
        switch (bytes[0], bytes[1]) {
        case (127, _), (0, _): self = .loopback
        case (169, 254): self = .linkLocal
        case (10, _), (172, 16...31), (192, 168), (100, 64...127): self = .privateNetwork
        default: self = .global
        }
    }

    private init(ipv6 groups: [UInt16]) {
        let bytes = groups[6...].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        switch groups[0] {
        // ::1, ::, and IPv4 in the two forms of IPv6 that stand for it, and NAT64's.
        case 0 where groups[..<5].allSatisfy { $0 == 0 } && (groups[5] == 0 || groups[5] == 0xFFFF):
            self.init(ipv4: groups[5] == 0 && groups[6] == 0 ? [127, 0, 0, 1] : bytes)
        case 0x64 where groups[1] == 0xFF9B: self.init(ipv4: bytes)
        case 0xFE80...0xFEBF: self = .linkLocal
        case 0xFC00...0xFDFF: self = .privateNetwork
        default: self = .global
        }
    }

    /// Whether a text is a host: a name, four decimal numbers, or an IPv6 address in brackets.
    static func isHost(_ text: some StringProtocol) -> Bool {
        if text.hasPrefix("[") {
            return text.hasSuffix("]") && parseIPv6(Substring(text).dropFirst().dropLast()) != nil
        }
        guard (1...253).contains(text.utf8.count) else { return false }
        let labels = Substring(text).split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63
                && label.utf8.allSatisfy { $0.isDigit || $0.isLetter || $0 == 0x2D || $0 == 0x5F }
        }
        // `127.1`, `0x7f000001` and `2130706433` are addresses to some programs; none is a name.
        guard isName, let last = labels.last else { return false }
        let isNumber = last.utf8.allSatisfy(\.isDigit) || last.hasPrefix("0x")
        return !isNumber || parseIPv4(text) != nil
    }

    private static func parseIPv4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = Substring(text).split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part -> UInt8? in
            guard part.utf8.allSatisfy(\.isDigit), part.utf8.count == 1 || !part.hasPrefix("0") else {
                return nil
            }
            return UInt8(part)
        }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Eight groups; no zone.
    private static func parseIPv6(_ text: Substring) -> [UInt16]? {
        var halves = [text]
        if let gap = text.firstDoubleColon {
            halves = [text[..<gap], text[text.index(gap, offsetBy: 2)...]]
        }
        var groups: [[UInt16]] = []
        for half in halves {
            var list: [UInt16] = []
            let parts = half.isEmpty ? [] : half.split(separator: ":", omittingEmptySubsequences: false)
            for (place, part) in parts.enumerated() {
                if place == parts.count - 1, let bytes = parseIPv4(part) {
                    list += [
                        UInt16(bytes[0]) << 8 | UInt16(bytes[1]), UInt16(bytes[2]) << 8 | UInt16(bytes[3]),
                    ]
                } else {
                    guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexDigit),
                        let group = UInt16(part, radix: 16)
                    else { return nil }
                    list.append(group)
                }
            }
            groups.append(list)
        }
        let count = groups.reduce(0) { $0 + $1.count }
        guard groups.count == 2 else { return count == 8 ? groups[0] : nil }
        return count < 8 ? groups[0] + Array(repeating: 0, count: 8 - count) + groups[1] : nil
    }
}

extension Substring {
    /// Where `::` begins.
    fileprivate var firstDoubleColon: Index? {
        zip(indices, indices.dropFirst()).first { self[$0] == ":" && self[$1] == ":" }?.0
    }
}

import Linux
import Provenance

/// The name that a file gets when it comes from a URL: what the server calls it, else the URL's last component.
///
/// A name that leads elsewhere, or that no file can have, is none.
///
/// Source: RFC 6266; RFC 8187, section 3.2.
enum RemoteFileName {
    /// - Parameters:
    ///   - disposition: The field `Content-Disposition`.
    ///   - path: The URL's path, percent signs and all.
    /// - Returns: `nil` where neither gives one.
    static func find(disposition: String?, path: String) -> FileName? {
        if let disposition, let name = fileName(in: disposition), !name.hasSuffix("/"),
            let found = safe(name)
        {
            return found
        }
        return path.split(separator: "/", omittingEmptySubsequences: true).last
            .flatMap { safe(PercentEncoding.decoded(String($0))) }
    }

    /// The last component of a name that a stranger gave.
    private static func safe(_ text: String) -> FileName? {
        let name = text.utf8.split(separator: UInt8(ascii: "/")).last ?? ""[...].utf8
        guard (1...255).contains(name.count), !name.allSatisfy({ $0 == UInt8(ascii: ".") }) || name.count > 2,
            !name.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else { return nil }
        return FileName(name)
    }

    /// The parameter `filename*`, else `filename`.
    private static func fileName(in field: String) -> String? {
        var rest = field.utf8[...]
        rest = rest.drop { $0 != UInt8(ascii: ";") }
        var plain: String?
        while rest.popFirst() != nil {
            let equals = rest.firstIndex(of: UInt8(ascii: "=")) ?? rest.endIndex
            let name = Substring(rest[..<equals]).filter { $0 != " " && $0 != "\t" }.lowercased()
            rest = rest[equals...].dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
            let value = takeValue(from: &rest)
            if name == "filename*", let decoded = extended(value) { return decoded }
            if name == "filename", plain == nil { plain = value }
        }
        return plain
    }

    /// Reads a token or a quoted text, up to the next semicolon.
    private static func takeValue(from rest: inout Substring.UTF8View.SubSequence) -> String {
        var value: [UInt8] = []
        if rest.first == UInt8(ascii: "\"") {
            rest = rest.dropFirst()
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                let isEscape = byte == UInt8(ascii: "\\")
                value.append(isEscape ? rest.popFirst() ?? byte : byte)
            }
        } else {
            let token = rest.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
            value = Array(token)
        }
        rest = rest.drop { $0 != UInt8(ascii: ";") }
        return String(decoding: value, as: UTF8.self)
    }

    /// Reads `UTF-8'language'text`.
    private static func extended(_ value: String) -> String? {
        let parts = value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        return PercentEncoding.decoded(String(parts[2]))
    }
}

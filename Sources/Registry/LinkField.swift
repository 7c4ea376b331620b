/// Where the rest of a list is.
///
/// Source: RFC 8288, section 3; OCI distribution-spec v1.1, "Listing Tags" and "Listing Referrers".
public enum LinkField {
    private static let limit = 16 << 10

    /// The target of the first link to the next page.
    ///
    /// It is text from the server: who follows it resolves it, and stays at the origin it came from.
    ///
    /// - Parameter fields: The values of the fields `Link`.
    /// - Returns: The reference as it stood between `<` and `>`, or `nil` where there is no such link.
    public static func next(_ fields: [String]) -> String? {
        for field in fields where field.utf8.count <= limit {
            var rest = Substring(field)
            while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
                let target = rest[rest.index(after: open)..<close]
                rest = rest[rest.index(after: close)...]
                if relations(&rest).contains("next"), !target.isEmpty { return String(target) }
            }
        }
        return nil
    }

    /// The words of `rel` among the parameters of one link, in small letters; the rest begins behind them.
    private static func relations(_ rest: inout Substring) -> [String] {
        var found: [String] = []
        var parameter = ""
        var isQuoted = false
        func note() {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingSpaces.lowercased() == "rel", found.isEmpty else {
                return
            }
            found = parts[1].lowercased().split(separator: " ").map(String.init)
        }
        while let character = rest.popFirst() {
            switch character {
            case "\"": isQuoted.toggle()
            case ";" where !isQuoted:
                note()
                parameter = ""
            case "," where !isQuoted:
                note()
                return found
            default: parameter.append(character)
            }
        }
        note()
        return found
    }
}

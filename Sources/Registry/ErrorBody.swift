public import OCI

/// What a registry says of a request that it refused.
///
/// Source: OCI distribution-spec v1.1, "Error Codes".
public struct ErrorBody: Hashable, Sendable, CustomStringConvertible {
    /// One of its errors.
    public struct Entry: Hashable, Sendable {
        /// Such as `MANIFEST_UNKNOWN`; in capitals, and empty where the registry gave none.
        public let code: String
        /// The registry's words, without control characters, of 300 characters at most.
        public let message: String
        /// Whatever the registry adds; untouched, and not for terminals.
        public let detail: JSONValue?
    }

    /// The most bytes of a body that are looked at.
    public static let limit = 64 << 10
    private static let entryLimit = 10

    /// The errors; none where the body says nothing that can be shown.
    public let entries: [Entry]

    /// Reads a body.
    ///
    /// What is no JSON of the specification's form is shown as a text: a page of HTML by its title, anything
    /// else by its first line.
    ///
    /// - Parameter body: Its beginning; more than ``limit`` is not looked at.
    public init(parsing body: [UInt8]) {
        let limits = JSONLimits(bytes: Self.limit, depth: 32, values: 20_000)
        let json = body.count <= Self.limit ? try? JSONValue(parsing: body, limits: limits) : nil
        if let errors = json?["errors"]?.array {
            entries = errors.prefix(Self.entryLimit).compactMap(Self.entry)
        } else if let json, json.object != nil {
            // Others have one object: {"error": …, "message": …} or {"code": …, "message": …}.
            entries = [json["error"].flatMap { $0.object == nil ? nil : $0 } ?? json].compactMap(Self.entry)
        } else {
            let text = Self.text(Array(body.prefix(Self.limit)))
            entries = text.isEmpty ? [] : [Entry(code: "", message: text, detail: nil)]
        }
    }

    private static func entry(_ json: JSONValue) -> Entry? {
        let words = [json["message"], json["error_description"], json["error"], json["details"]]
        let message = shown(words.lazy.compactMap { $0?.string }.first { !$0.isEmpty } ?? "")
        let code = json["code"].flatMap { $0.string ?? $0.int64.map(String.init) } ?? ""
        let isCode = code.utf8.count <= 64 && code.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isCode && !code.isEmpty || !message.isEmpty else { return nil }
        return Entry(code: isCode ? code.uppercased() : "", message: message, detail: json["detail"])
    }

    /// The title of a page, or the first line of a text that is meant to be read.
    private static func text(_ body: [UInt8]) -> String {
        // Bytes that are no text at all say nothing to anybody.
        guard !body.contains(0) else { return "" }
        let text = String(decoding: body, as: UTF8.self)
        let small = text.lowercased()
        if small.contains("<html") || small.contains("<!doctype") {
            guard let start = small.firstRange(of: "<title>"), let end = small.firstRange(of: "</title>"),
                start.upperBound <= end.lowerBound
            else { return "a page of HTML" }
            return "a page of HTML: " + shown(String(small[start.upperBound..<end.lowerBound]))
        }
        return shown(text)
    }

    /// Words in one line, escaped and shortened.
    private static func shown(_ text: String) -> String {
        // Some repeat what they were shown.
        var isShown = false
        let words = text.split(whereSeparator: \.isWhitespace).map { word in
            defer { isShown = ["basic", "bearer"].contains { word.lowercased().hasSuffix($0) } }
            return isShown && word.utf8.count >= 8 ? "…" : word
        }
        let line = words.joined(separator: " ")
        let escaped = line.unicodeScalars.prefix(300).map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                "\\u{" + String(scalar.value, radix: 16) + "}"
            default: String(scalar)
            }
        }.joined()
        return line.unicodeScalars.count > 300 ? escaped + "…" : escaped
    }

    /// Whether one of the errors has a code of the specification.
    public func has(_ code: String) -> Bool { entries.contains { $0.code == code } }

    /// All errors in one line: `MANIFEST_UNKNOWN: manifest unknown`.
    public var description: String {
        entries.prefix(3).map { entry in
            [entry.code, entry.message].filter { !$0.isEmpty }.joined(separator: ": ")
        }.joined(separator: "; ")
    }
}

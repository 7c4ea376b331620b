/// Bytes of a blob as header fields name them, the last one included.
public enum ByteRange {
    /// How many bytes of an upload a registry has, by the field `Range` of its answer.
    ///
    /// `0-123` and `bytes=0-123` are 124 bytes. `0-0` is what registries say of none, though it could be one:
    /// it is read as 0, and who has sent one byte knows better. `0--1` and an empty range are 0 too.
    ///
    /// Source: OCI distribution-spec v1.1, "Pushing a blob in chunks".
    ///
    /// - Returns: `nil` where the field is none that begins at 0.
    public static func uploaded(_ field: String) -> Int64? {
        var text = Substring(field.trimmingSpaces)
        for prefix in ["bytes=", "bytes "] where text.lowercased().hasPrefix(prefix) {
            text = text.dropFirst(prefix.count)
        }
        guard text.hasPrefix("0-") else { return nil }
        let end = text.dropFirst(2)
        if end == "-1" || end == "0" { return 0 }
        guard let last = digits(end), last < .max else { return nil }
        return last + 1
    }

    /// What part of a blob an answer 206 holds, by its field `Content-Range`: `bytes 100-199/200`.
    ///
    /// Source: RFC 9110, section 14.4.
    ///
    /// - Returns: The first byte, the last one and the size of the whole, `nil` for `*`; `nil` where the field
    ///   makes no sense.
    public static func content(_ field: String) -> (first: Int64, last: Int64, size: Int64?)? {
        let text = field.trimmingSpaces
        guard text.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).trimmingSpaces.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = digits(ends[0]), let last = digits(ends[1]), first <= last else {
            return nil
        }
        if parts[1] == "*" { return (first, last, nil) }
        guard let size = digits(parts[1]), last < size else { return nil }
        return (first, last, size)
    }

    private static func digits(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text)
    }
}

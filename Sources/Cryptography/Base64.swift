import CSodium

/// Bytes as letters, with padding and without line breaks; in time that does not depend on the bytes.
///
/// Source: RFC 4648, section 4.
public enum Base64 {
    /// The text.
    public static func text(of bytes: [UInt8]) -> String {
        // In pieces of whole groups: libsodium takes its lengths as they are, and one buffer would be twice the size.
        var text = ""
        var rest = bytes[...]
        while !rest.isEmpty {
            text += piece(rest.prefix(3 << 14))
            rest = rest.dropFirst(3 << 14)
        }
        return text
    }

    private static func piece(_ bytes: ArraySlice<UInt8>) -> String {
        let capacity = (bytes.count + 2) / 3 * 4 + 1
        return String(unsafeUninitializedCapacity: capacity) { memory in
            bytes.withUnsafeBufferPointer { source in
                memory.withMemoryRebound(to: CChar.self) { text in
                    guard let start = text.baseAddress else { return }
                    _ = sodium_bin2base64(
                        start, capacity, source.baseAddress, source.count, sodium_base64_VARIANT_ORIGINAL)
                }
            }
            return capacity - 1
        }
    }

    /// The bytes of a text; `nil` where it is anything but padded base64, or its last digit has bits too many.
    ///
    /// Letters of the URL-safe alphabet (section 5) are read as well, and not mixed with the others.
    public static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        let text = Array(text)
        var count: Int?
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3) { memory, initialized in
            count = decode(text, to: memory.baseAddress, capacity: memory.count)
            initialized = count ?? 0
        }
        return count == nil ? nil : bytes
    }

    /// The same for what nobody else shall see.
    ///
    /// - Throws: ``CryptographyError`` without memory.
    public static func secretBytes(_ text: [UInt8]) throws -> SecretBytes? {
        let room = try SecretBytes(capacity: text.count / 4 * 3)
        let count = room.withPointer { decode(text, to: $0, capacity: room.count) }
        return try count.map { try room.prefix($0) }
    }

    private static func decode(_ text: [UInt8], to memory: UnsafeMutablePointer<UInt8>?, capacity: Int)
        -> Int?
    {
        guard !text.isEmpty else { return 0 }
        guard let memory, text.count % 4 == 0 else { return nil }
        var count = 0
        let isURLSafe = text.contains { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        let code = text.withUnsafeBytes { source in
            // Without a place to report the end to, anything behind it is an error.
            sodium_base642bin(
                memory, capacity, source.bindMemory(to: CChar.self).baseAddress, source.count, nil, &count,
                nil, isURLSafe ? sodium_base64_VARIANT_URLSAFE : sodium_base64_VARIANT_ORIGINAL)
        }
        return code == 0 ? count : nil
    }
}

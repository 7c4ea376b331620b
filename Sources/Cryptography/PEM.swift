/// One block of a PEM file: what it is, and its bytes.
///
/// Strict, for two readers must not find two keys in one file: exactly one block, no text around it but white
/// space, no headers, lines of base64.
///
/// Source: RFC 7468, sections 2 and 3.
public struct PEM: Sendable {
    /// What stands behind `BEGIN`.
    public let label: String
    private let base64: WipedText

    /// Reads a file.
    ///
    /// - Throws: ``KeyError/malformedPEM(_:)``, ``KeyError/tooLarge``.
    public init(parsing file: [UInt8]) throws(KeyError) {
        guard file.count <= Self.limit else { throw .tooLarge }
        let lines = file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(
            Self.trimmed)
        let text = lines.drop(while: \.isEmpty)
        guard let first = text.first else { throw .malformedPEM("the file is empty") }
        guard let label = Self.label(first, "-----BEGIN ") else {
            throw .malformedPEM("it does not begin with -----BEGIN; give a key in PEM form")
        }
        guard let end = text.dropFirst().firstIndex(where: { $0.starts(with: "-----".utf8) }) else {
            throw .malformedPEM("it has no -----END line; it was cut off")
        }
        guard let last = Self.label(text[end], "-----END "), last == label else {
            throw .malformedPEM("\(label) does not end with its -----END line; it was cut off")
        }
        guard text[(end + 1)...].allSatisfy(\.isEmpty) else {
            throw .malformedPEM("something follows the \(label); give a file with one key and nothing else")
        }
        let body = text[..<end].dropFirst()
        guard !body.contains(where: { $0.contains(UInt8(ascii: ":")) }) else {
            throw .malformedPEM(
                "the \(label) has headers, as keys have that an old OpenSSL encrypted; convert it with openssl pkcs8"
            )
        }
        self.label = label
        base64 = WipedText(body, capacity: file.count)
    }

    /// The most bytes of a key file: 64 KiB.
    public static let limit = 64 << 10

    /// The bytes.
    ///
    /// - Throws: ``KeyError/malformedPEM(_:)``.
    public func bytes() throws(KeyError) -> [UInt8] {
        guard let bytes = Base64.bytes(base64.text), !bytes.isEmpty else { throw malformation }
        return bytes
    }

    /// The bytes, where nobody else sees them.
    ///
    /// - Throws: ``KeyError/malformedPEM(_:)``, ``CryptographyError``.
    public func secretBytes() throws -> SecretBytes {
        guard let bytes = try Base64.secretBytes(base64.text), bytes.count > 0 else { throw malformation }
        return bytes
    }

    private var malformation: KeyError { .malformedPEM("the \(label)'s base64 is damaged") }

    /// A file: 64 columns, and a final newline.
    public static func text(_ label: String, _ bytes: [UInt8]) -> [UInt8] {
        let base64 = Array(Base64.text(of: bytes).utf8)
        var text = Array("-----BEGIN \(label)-----\n".utf8)
        for start in stride(from: 0, to: base64.count, by: 64) {
            text += base64[start..<min(start + 64, base64.count)]
            text.append(UInt8(ascii: "\n"))
        }
        return text + "-----END \(label)-----\n".utf8
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 13 }
        let start = line.drop(while: isSpace)
        return start[..<(start.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start.startIndex)]
    }

    private static func label(_ line: ArraySlice<UInt8>, _ start: String) -> String? {
        let label = line.dropFirst(start.utf8.count).dropLast(5)
        guard line.starts(with: start.utf8), line.count > start.utf8.count + 5,
            line.suffix(5).elementsEqual("-----".utf8), label.count <= 64,
            label.allSatisfy({ (65...90).contains($0) || (48...57).contains($0) || $0 == 32 })
        else { return nil }
        return String(decoding: label, as: UTF8.self)
    }
}

/// A text that may be a private key's: nothing of it stays in memory that is let go of.
private final class WipedText: @unchecked Sendable {  // nothing changes it after init
    private(set) var text: [UInt8] = []

    init(_ pieces: ArraySlice<ArraySlice<UInt8>>, capacity: Int) {
        // An array that grew would leave its former selves behind.
        text.reserveCapacity(capacity)
        for piece in pieces { text += piece }
    }

    deinit { text.wipe() }
}

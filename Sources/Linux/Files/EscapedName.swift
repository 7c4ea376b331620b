public import SystemPackage

/// Writes bytes of a file name so that a terminal shows them and nothing else happens.
///
/// Control characters become `\n`, `\t` or `\x1b`, a backslash is doubled, and
/// bytes that are no UTF-8 become `\xff`.
public func escaped(_ name: some Sequence<UInt8>) -> String {
    var text = ""
    var decoder = UTF8.ForwardParser()
    var bytes = Array(name)[...].makeIterator()
    loop: while true {
        switch decoder.parseScalar(from: &bytes) {
        case .valid(let sequence): appendEscaping(UTF8.decode(sequence), to: &text)
        case .error(let length): text += String(repeating: "\u{FFFD}", count: length)
        case .emptyInput: break loop
        }
    }
    // The parser drops the bytes it refuses, and they are what the reader needs: spell such a name out.
    guard text.unicodeScalars.contains("\u{FFFD}") else { return text }
    return Array(name).map {
        (32..<127).contains($0) && $0 != 92 ? String(Unicode.Scalar($0)) : hexadecimal($0)
    }
    .joined()
}

private func appendEscaping(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar {
    case "\n": text += "\\n"
    case "\t": text += "\\t"
    case "\r": text += "\\r"
    case "\\": text += "\\\\"
    // Nearly all there is, and the look into Unicode's tables is not for nothing.
    case " "..."~": text.unicodeScalars.append(scalar)
    default:
        // Category Cc and Cf: C1 controls and bidirectional overrides steer a terminal as well.
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            text += scalar.utf8.map(hexadecimal).joined()
        default: text.unicodeScalars.append(scalar)
        }
    }
}

private func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
}

extension Unicode.Scalar {
    fileprivate var utf8: [UInt8] { Array(String(self).utf8) }
}

extension FilePath {
    /// The path for a message: see ``escaped(_:)``.
    public var escapedDescription: String { escaped(bytes) }

    /// The bytes of the path, as the kernel gets them.
    public var bytes: [UInt8] {
        withPlatformString { start in
            var bytes: [UInt8] = []
            var next = start
            while next.pointee != 0 {
                bytes.append(UInt8(bitPattern: next.pointee))
                next += 1
            }
            return bytes
        }
    }

    /// A path of these bytes; they end at the first NUL.
    public init(bytes: [UInt8]) {
        self = (bytes + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CInterop.PlatformChar.self) { characters in
                characters.baseAddress.map { FilePath(platformString: $0) } ?? FilePath()
            }
        }
    }
}

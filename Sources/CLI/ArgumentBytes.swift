import ArgumentParser
import SystemPackage
import Linux

/// Carries bytes that are no UTF-8 through a parser that knows texts only.
///
/// Such a byte becomes a scalar of a private area, U+10FF00 and the byte; the
/// bytes of a scalar of that area that stands in an argument itself become so
/// too. ``bytes(_:)`` undoes it, so that every argument comes out as it came in.
enum ArgumentBytes {
    private static let area: ClosedRange<UInt32> = 0x10FF00...0x10FFFF

    static func text(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        var rest = bytes[...]
        while let first = rest.first {
            if let (scalar, length) = scalar(at: rest), !area.contains(scalar.value) {
                text.append(scalar)
                rest.removeFirst(length)
            } else {
                if let carrier = Unicode.Scalar(area.lowerBound + UInt32(first)) { text.append(carrier) }
                rest.removeFirst()
            }
        }
        return String(text)
    }

    /// Whether all of it is text: no byte is carried.
    static func isText(_ text: String) -> Bool { !text.unicodeScalars.contains { area.contains($0.value) } }

    static func bytes(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar in
            area.contains(scalar.value) ? [UInt8(scalar.value & 0xff)] : Array(String(scalar).utf8)
        }
    }

    private static func scalar(at bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
        var decoder = UTF8.ForwardParser()
        var iterator = bytes.prefix(4).makeIterator()
        guard case .valid(let sequence) = decoder.parseScalar(from: &iterator) else { return nil }
        return (UTF8.decode(sequence), sequence.count)
    }
}

/// A path from the command line.
struct PathArgument: ExpressibleByArgument {
    let path: FilePath
    /// As it was written: a `FilePath` has no final slash, nor two in a row.
    let bytes: [UInt8]

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        bytes = ArgumentBytes.bytes(argument)
        path = FilePath(bytes: bytes)
    }
}

extension PathArgument {
    /// What cosign calls the files of a key.
    static let cosign = PathArgument("cosign")

    private init(_ path: StaticString) {
        self.path = FilePath("\(path)")
        bytes = self.path.bytes
    }
}

/// A text from the command line that goes into a document, which holds nothing but UTF-8.
struct TextArgument: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard ArgumentBytes.isText(argument) else { return nil }
        text = argument
    }
}

extension TreeSpecification {
    /// What begins a comment that holds an extended attribute: mtree(5) has no keyword for one.
    private static let marker = Array("#varve xattr ".utf8)

    /// A comment that says of a path, escaped as mtree's are, that it has an attribute.
    public static func attributeLine(of path: [UInt8], name: [UInt8], value: [UInt8]) -> [UInt8] {
        marker + path + [32] + hexadecimal(name) + [61] + hexadecimal(value) + [10]
    }

    /// The attributes in the comments of a specification, by the paths as they stand.
    static func attributes(in text: [UInt8]) throws(TarError) -> [[UInt8]: [(name: [UInt8], value: [UInt8])]]
    {
        var attributes: [[UInt8]: [(name: [UInt8], value: [UInt8])]] = [:]
        for line in text.split(separator: 10) where line.starts(with: marker) {
            let words = line.dropFirst(marker.count).split(separator: 32, omittingEmptySubsequences: false)
            let parts =
                words.count == 2 ? words[1].split(separator: 61, omittingEmptySubsequences: false) : []
            guard parts.count == 2, let name = bytes(hexadecimal: parts[0]), !name.isEmpty, !name.contains(0),
                let value = bytes(hexadecimal: parts[1])
            else {
                let shown = String(decoding: line, as: UTF8.self)
                throw TarError(.readSpecification, reason: "\(shown) is no attribute of an entry")
            }
            let path = unescaped(words[0])
            guard attributes[path]?.contains(where: { $0.name == name }) != true else {
                let shown = String(decoding: line, as: UTF8.self)
                throw TarError(.readSpecification, reason: "\(shown) speaks of that attribute again")
            }
            attributes[path, default: []].append((name, value))
        }
        return attributes
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    private static func bytes(hexadecimal text: ArraySlice<UInt8>) -> [UInt8]? {
        let digits = Array("0123456789abcdef".utf8)
        let values = text.compactMap { digits.firstIndex(of: $0).map(UInt8.init) }
        guard values.count == text.count, values.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    /// Takes three octal digits behind a backslash for a byte.
    private static func unescaped(_ path: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = path
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == 92, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8),
                digits.count == 3
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}

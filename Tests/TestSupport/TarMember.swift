/// A member of a tar, as a reader that shares no code with varve sees it.
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format".
public struct TarMember: Sendable {
    /// Bytes that are no tar, and where.
    public struct Malformation: Error {
        /// What is wrong.
        public let reason: String
        /// The offset of the header.
        public let offset: Int
    }

    /// The path, with a directory's final slash.
    public let path: [UInt8]
    /// The type flag: `0`, `1`, `2`, `3`, `4`, `5` or `6`.
    public let type: Character
    /// Permissions.
    public let mode: Int64
    /// The owner's number.
    public let user: Int64
    /// The group's number.
    public let group: Int64
    /// Seconds since 1970.
    public let modified: Int64
    /// The size that the header names.
    public let size: Int64
    /// The target of a link.
    public let target: [UInt8]
    /// Major and minor number of a device.
    public let device: (major: Int64, minor: Int64)
    /// The names of owner and group.
    public let names: (user: [UInt8], group: [UInt8])
    /// The records of the extended header in their order.
    public let records: [(key: String, value: [UInt8])]
    /// The content.
    public let content: [UInt8]
    /// Bytes of the extended header and its own header; 0 without one.
    public let extendedSize: Int

    /// The path, repaired where it is no UTF-8.
    public var name: String { String(decoding: path, as: UTF8.self) }

    /// The first record of this key.
    public func record(_ key: String) -> [UInt8]? { records.first { $0.key == key }?.value }

    /// Reads a whole tar, which must end with two blocks of zeros and nothing behind them.
    public static func all(of tar: [UInt8]) throws -> [TarMember] {
        var members: [TarMember] = []
        var offset = 0
        while true {
            guard offset + 1024 <= tar.count else { throw Malformation(reason: "no end", offset: offset) }
            if tar[offset..<offset + 512].allSatisfy({ $0 == 0 }) {
                guard offset + 1024 == tar.count, tar[offset...].allSatisfy({ $0 == 0 }) else {
                    throw Malformation(reason: "the end is no 1024 bytes of zeros", offset: offset)
                }
                return members
            }
            members.append(try TarMember(in: tar, at: &offset))
        }
    }

    private init(in tar: [UInt8], at offset: inout Int) throws {
        var header = try Header(tar, offset)
        var records: [(key: String, value: [UInt8])] = []
        let start = offset
        if header.type == "x" {
            offset += 512
            records = try Self.records(try Self.body(tar, &offset, header.size), at: start)
            header = try Header(tar, offset)
        }
        extendedSize = offset - start
        guard "0123456".contains(header.type) else {
            throw Malformation(reason: "type \(header.type)", offset: offset)
        }
        func number(_ key: String, _ field: Int64) throws -> Int64 {
            guard let record = records.first(where: { $0.key == key })?.value else { return field }
            guard let number = Int64(String(decoding: record, as: UTF8.self)) else {
                throw Malformation(reason: "\(key) is no number", offset: start)
            }
            return number
        }
        func bytes(_ key: String, _ field: [UInt8]) -> [UInt8] {
            records.first { $0.key == key }?.value ?? field
        }
        path = bytes("path", header.path)
        type = header.type
        mode = header.number(100, 8)
        user = try number("uid", header.number(108, 8))
        group = try number("gid", header.number(116, 8))
        size = try number("size", header.size)
        modified = try number("mtime", header.number(136, 12))
        target = bytes("linkpath", header.text(157, 100))
        names = (header.text(265, 32), header.text(297, 32))
        device = (header.number(329, 8), header.number(337, 8))
        self.records = records
        offset += 512
        content = type == "0" ? try Self.body(tar, &offset, size) : []
    }

    private static func body(_ tar: [UInt8], _ offset: inout Int, _ size: Int64) throws -> [UInt8] {
        let end = offset + Int(size)
        guard size >= 0, end <= tar.count else { throw Malformation(reason: "cut off", offset: offset) }
        defer { offset = (end + 511) / 512 * 512 }
        guard tar[end..<min((end + 511) / 512 * 512, tar.count)].allSatisfy({ $0 == 0 }) else {
            throw Malformation(reason: "padding that is not zero", offset: end)
        }
        return Array(tar[offset..<end])
    }

    private static func records(
        _ body: [UInt8], at offset: Int
    ) throws -> [(key: String, value: [UInt8])] {
        var records: [(key: String, value: [UInt8])] = []
        var rest = body[...]
        while !rest.isEmpty {
            let digits = rest.prefix { (48...57).contains($0) }
            let length = Int(String(decoding: digits, as: UTF8.self)) ?? 0
            guard length > digits.count + 2, length <= rest.count else {
                throw Malformation(reason: "a record's length", offset: offset)
            }
            let record = rest.prefix(length)
            rest = rest.dropFirst(length)
            let text = record.dropFirst(digits.count + 1).dropLast()
            guard record.last == 10, let equal = text.firstIndex(of: UInt8(ascii: "=")) else {
                throw Malformation(reason: "a record", offset: offset)
            }
            records.append(
                (String(decoding: text[..<equal], as: UTF8.self), Array(text[(equal + 1)...])))
        }
        return records
    }
}

/// One 512-byte block, its checksum proven.
private struct Header {
    let block: [UInt8]

    init(_ tar: [UInt8], _ offset: Int) throws {
        guard offset + 512 <= tar.count else {
            throw TarMember.Malformation(reason: "no header", offset: offset)
        }
        block = Array(tar[offset..<offset + 512])
        let sum = block.enumerated().reduce(0) {
            $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
        }
        guard number(148, 8) == Int64(sum), block[257..<265].elementsEqual("ustar\u{0}00".utf8) else {
            throw TarMember.Malformation(reason: "checksum or magic", offset: offset)
        }
    }

    var type: Character { Character(Unicode.Scalar(block[156])) }
    var size: Int64 { number(124, 12) }
    var path: [UInt8] {
        let prefix = text(345, 155)
        return prefix.isEmpty ? text(0, 100) : prefix + [UInt8(ascii: "/")] + text(0, 100)
    }

    func text(_ offset: Int, _ length: Int) -> [UInt8] {
        Array(block[offset..<offset + length].prefix { $0 != 0 })
    }

    /// Octal digits, ended by a space or NUL.
    func number(_ offset: Int, _ length: Int) -> Int64 {
        let digits = block[offset..<offset + length].prefix { (48...55).contains($0) }
        return Int64(String(decoding: digits, as: UTF8.self), radix: 8) ?? 0
    }
}

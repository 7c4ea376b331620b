/// Tar archives put together byte by byte, so that they can be wrong in every way.
public enum TarBytes {
    /// One member.
    public struct Member: Sendable {
        var name: String
        var type: Character
        var link: String = ""
        var size: String?
        var content: [UInt8] = []

        /// A file.
        public static func file(_ name: String, _ content: [UInt8]) -> Member {
            Member(name: name, type: "0", content: content)
        }

        /// What has a type and perhaps a link's target; `size` is the field as it stands.
        public static func other(
            _ name: String, _ type: Character, link: String = "", size: String? = nil, _ content: [UInt8] = []
        ) -> Member {
            Member(name: name, type: type, link: link, size: size, content: content)
        }

        /// Header, content and padding.
        public var bytes: [UInt8] {
            var header = [UInt8](repeating: 0, count: 512)
            func put(_ text: String, at offset: Int) {
                for (place, byte) in text.utf8.enumerated() { header[offset + place] = byte }
            }
            put(name, at: 0)
            put("0000644\0", at: 100)
            put("0000000\0", at: 108)
            put("0000000\0", at: 116)
            put(size ?? TarBytes.octal(content.count, digits: 11) + "\0", at: 124)
            put("00000000000\0", at: 136)
            put("        ", at: 148)
            put(String(type), at: 156)
            put(link, at: 157)
            put("ustar\0" + "00", at: 257)
            let sum = header.reduce(0) { $0 + Int($1) }
            put(TarBytes.octal(sum, digits: 6) + "\0 ", at: 148)
            return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
        }
    }

    /// The members and the two blocks that end an archive.
    public static func archive(_ members: [Member]) -> [UInt8] {
        members.flatMap(\.bytes) + [UInt8](repeating: 0, count: 1024)
    }

    /// A pax header for the member that follows.
    public static func pax(_ records: [(String, String)]) -> Member {
        let text = records.map { key, value in
            let rest = " \(key)=\(value)\n"
            var length = rest.utf8.count + 1
            while "\(length)".utf8.count + rest.utf8.count != length { length += 1 }
            return "\(length)\(rest)"
        }.joined()
        return .other("pax", "x", Array(text.utf8))
    }

    static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

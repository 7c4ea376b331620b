import CArchive

/// What an mtree specification says of the entries of a tree; what it leaves out is `nil`.
///
/// Source: mtree(5), as libarchive reads it.
public struct TreeSpecification: Sendable {
    /// The kinds of file that a specification tells apart.
    public enum Kind: Equatable, Sendable {
        case file, directory, fifo
        case link(target: [UInt8])
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
    }

    /// One entry of the tree.
    public struct Entry: Sendable {
        /// The path as it stands, such as `./etc/motd`; bytes in no encoding.
        public let path: [UInt8]
        /// The kind of file.
        public let kind: Kind?
        /// Permissions with setuid, setgid and sticky.
        public let permissions: UInt32?
        /// The owner's number.
        public let user: UInt32?
        /// The group's number.
        public let group: UInt32?
        /// The owner's name.
        public let userName: [UInt8]?
        /// The group's name.
        public let groupName: [UInt8]?
        /// When the content changed, in seconds since 1970.
        public let modified: Int64?
        /// Extended attributes, of varve's own specifications.
        public let attributes: [(name: [UInt8], value: [UInt8])]
    }

    /// The entries in the order of the specification; lines of one path are one entry.
    public let entries: [Entry]

    /// Reads a specification.
    ///
    /// Refused are `contents=`, which would have libarchive read other files, and `/unset`, whose effect libarchive
    /// does not tell from a zero.
    ///
    /// - Throws: ``TarError``, with the line where that is known; also for what libarchive only warns of.
    public init(parsing text: [UInt8]) throws(TarError) {
        try Self.refuseDangers(in: text)
        let attributes = try Self.attributes(in: text)
        guard let archive = archive_read_new(), archive_read_support_format_mtree(archive) == ARCHIVE_OK
        else {
            throw TarError(.open, reason: "out of memory")
        }
        defer { archive_read_free(archive) }
        // Libarchive gives 0 for what is left out. No specification has these values.
        let input =
            Array("#mtree\n/set uid=\(Self.noOwner) gid=\(Self.noOwner) mode=\(Self.noMode)\n".utf8) + text
            // Libarchive leaves out a last line without its end.
            + [10]
        var entries: [Entry] = []
        let failure = input.withUnsafeBytes { memory -> TarError? in
            guard archive_read_open_memory(archive, memory.baseAddress, memory.count) == ARCHIVE_OK else {
                return TarError(.readSpecification, archive)
            }
            var found: OpaquePointer?
            while true {
                let code = archive_read_next_header(archive, &found)
                if code == ARCHIVE_EOF { return nil }
                var hasKind = true
                if code == ARCHIVE_WARN, words(of: archive).hasPrefix("Missing type keyword") {
                    hasKind = false
                } else if code != ARCHIVE_OK {
                    return TarError(.readSpecification, archive, after: entries.last?.path ?? [])
                }
                guard let found else { return TarError(.readSpecification, reason: "no entry") }
                do throws(TarError) {
                    entries.append(try Entry(found, hasKind: hasKind, attributes))
                } catch {
                    return error
                }
            }
        }
        if let failure { throw failure }
        let paths = Set(entries.map(\.path))
        if let path = attributes.keys.first(where: { !paths.contains($0) }) {
            let name = String(decoding: path, as: UTF8.self)
            throw TarError(.readSpecification, reason: "an attribute of \(name), which has no line")
        }
        self.entries = entries
    }

    static let noOwner: Int64 = -2
    static let noMode = "0200000"
    static let noModeBit: UInt32 = 0o200000

    private static func refuseDangers(in text: [UInt8]) throws(TarError) {
        var number = 1
        for line in lines(of: text) {
            let isJoined = line.contains(10)
            defer { number += 1 + line.count { $0 == 10 } }
            // Libarchive would take all that follows for a part of this line, even of a comment.
            if line.contains(0) { throw TarError(.readSpecification, reason: "line \(number): a NUL") }
            let line = joined(line)
            let words = line.split { $0 == 32 || $0 == 9 || $0 == 13 }
            // Whether a comment goes on behind a backslash depends on libarchive's version.
            guard let first = words.first, isJoined || first.first != UInt8(ascii: "#") else { continue }
            func refused(_ reason: String) -> TarError {
                TarError(.readSpecification, reason: "line \(number): \(reason)")
            }
            if first.starts(with: "/unset".utf8) {
                throw refused("/unset is not supported; /set the value you want")
            }
            for word in words
            where ["contents=", "content="].contains(where: { word.starts(with: $0.utf8) }) {
                throw refused("contents= is not supported: every file's content is the tree's own")
            }
            for word in words.dropFirst() where !isNumberOrElse(word) {
                throw refused("\(String(decoding: word, as: UTF8.self)) is no number that can be")
            }
        }
    }

    /// Whether a keyword that takes a number has one; libarchive would take the digits at its beginning, or 0.
    private static func isNumberOrElse(_ word: ArraySlice<UInt8>) -> Bool {
        let parts = word.split(separator: 61, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return true }
        let value = parts[1]
        switch String(decoding: parts[0], as: UTF8.self) {
        case "uid", "gid":
            return isDecimal(value, atMost: UInt64(UInt32.max) - 1)
        case "mode":
            return value.allSatisfy { (48...55).contains($0) }
                && UInt32(String(decoding: value, as: UTF8.self), radix: 8).map { $0 <= 0o7777 } == true
        case "time":
            let digits = value.first == UInt8(ascii: "-") ? value.dropFirst() : value
            return digits.first != UInt8(ascii: ".") && !digits.isEmpty
                && digits.allSatisfy { (48...57).contains($0) || $0 == 46 } && digits.count { $0 == 46 } <= 1
                && isDecimal(digits.prefix { $0 != 46 }, atMost: UInt64(Int64.max))
        case "device":
            // The way it is packed, then major and minor; or the one number of this machine.
            let parts = value.split(separator: 44, omittingEmptySubsequences: false)
            let isPacked = parts.count == 3
            return (isPacked || parts.count == 1)
                && parts.dropFirst(isPacked ? 1 : 0).allSatisfy {
                    isDecimal($0, atMost: isPacked ? UInt64(UInt32.max) : .max)
                }
        default: return true
        }
    }

    /// Whether it is a number without a sign, and without zeros in front: some readers take those for octal.
    private static func isDecimal(_ digits: ArraySlice<UInt8>, atMost limit: UInt64) -> Bool {
        guard digits.allSatisfy({ (48...57).contains($0) }), digits.first != 48 || digits.count == 1 else {
            return false
        }
        return UInt64(String(decoding: digits, as: UTF8.self)).map { $0 <= limit } == true
    }

    /// The lines, each with those that a backslash at its end joins to it.
    private static func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for end in text.indices where text[end] == 10 {
            // Two backslashes are one that stands for itself.
            let escapes = text[start..<end].reversed().prefix { $0 == 92 }.count
            guard escapes.isMultiple(of: 2) else { continue }
            lines.append(text[start..<end])
            start = end + 1
        }
        return lines + [text[start...]]
    }

    /// A line without the line ends in it, as libarchive reads it.
    private static func joined(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard line.contains(10) else { return line }
        var joined: [UInt8] = []
        for byte in line {
            if byte == 10 { joined.removeLast() } else { joined.append(byte) }
        }
        return joined[...]
    }
}

extension TreeSpecification.Entry {
    fileprivate init(
        _ entry: OpaquePointer, hasKind: Bool,
        _ attributes: [[UInt8]: [(name: [UInt8], value: [UInt8])]]
    ) throws(TarError) {
        path = bytes(archive_entry_pathname(entry)) ?? []
        self.attributes = attributes[path] ?? []
        let name = String(decoding: path, as: UTF8.self)
        func number(_ value: Int64, _ what: String) throws(TarError) -> UInt32? {
            guard value != TreeSpecification.noOwner else { return nil }
            guard let number = UInt32(exactly: value), number != .max else {
                throw TarError(.readSpecification, reason: "\(name): \(what)=\(value) is none")
            }
            return number
        }
        let mode = archive_entry_perm(entry)
        permissions = mode & TreeSpecification.noModeBit != 0 ? nil : mode & 0o7777
        user = try number(archive_entry_uid(entry), "uid")
        group = try number(archive_entry_gid(entry), "gid")
        userName = bytes(archive_entry_uname(entry))
        groupName = bytes(archive_entry_gname(entry))
        modified = archive_entry_mtime_is_set(entry) != 0 ? Int64(archive_entry_mtime(entry)) : nil
        let device = (
            major: UInt32(truncatingIfNeeded: archive_entry_rdevmajor(entry)),
            minor: UInt32(truncatingIfNeeded: archive_entry_rdevminor(entry))
        )
        switch archive_entry_filetype(entry) {
        case _ where !hasKind: kind = nil
        case archive_kind_regular: kind = .file
        case archive_kind_directory: kind = .directory
        case archive_kind_fifo: kind = .fifo
        case archive_kind_symbolic_link: kind = .link(target: bytes(archive_entry_symlink(entry)) ?? [])
        case archive_kind_character_device:
            kind = .characterDevice(major: device.major, minor: device.minor)
        case archive_kind_block_device: kind = .blockDevice(major: device.major, minor: device.minor)
        default: throw TarError(.readSpecification, reason: "\(name): an unknown type")
        }
    }
}

private func words(of archive: OpaquePointer) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? ""
}

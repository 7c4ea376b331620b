import CArchive

/// Where each member of a tar lies: its content can be read by offset, without the members before it.
///
/// Only headers are read; content is skipped by its size. Names and kinds are
/// told as they stand, and every answer of libarchive but a header or the end
/// is an error: a reader that goes on after a damaged header sees another
/// archive than other readers do.
///
/// Source: POSIX.1-2017, "pax Interchange Format"; archive_read(3).
public struct TarIndex: Sendable {
    /// One member.
    public struct Member: Sendable, Equatable {
        /// The kind of member, as far as content goes.
        public enum Kind: Sendable, Equatable {
            /// A file whose content is stored whole.
            case regular
            /// A directory.
            case directory
            /// A symbolic link and its target, as it stands.
            case symbolicLink(target: [UInt8])
            /// A further name of another member, named by that member's path.
            case hardLink(target: [UInt8])
            /// A device, a fifo, or a file stored with its holes left out.
            case special
        }

        /// The path, as it stands.
        public let path: [UInt8]
        /// The kind of member.
        public let kind: Kind
        /// Where in the archive the content is; empty for what is not regular.
        public let content: Range<Int64>
    }

    /// The members in the archive's order; one path may stand twice.
    public let members: [Member]

    /// Reads the headers of a tar that is not compressed.
    ///
    /// - Parameters:
    ///   - size: Bytes of the archive.
    ///   - limit: The most members; more are an error.
    ///   - read: Appends up to `count` bytes from an offset of the archive to a buffer, and returns how many.
    /// - Throws: What `read` throws, and ``TarError`` with libarchive's words.
    public init(
        size: Int64, limit: Int,
        read: (_ offset: Int64, _ count: Int, _ buffer: inout [UInt8]) throws -> Int
    ) throws {
        members = try withoutActuallyEscaping(read) { read in
            let input = Input(size: size, read: read)
            return try withExtendedLifetime(input) { try readMembers(of: input, limit: limit) }
        }
    }
}

/// A header whose content's place shows only where the next one begins.
private struct Header {
    let path: [UInt8]
    let kind: TarIndex.Member.Kind
    let size: Int64
    let start: Int64
}

private func readMembers(of input: Input, limit: Int) throws -> [TarIndex.Member] {
    guard let archive = archive_read_new() else { throw TarError(.open, reason: "out of memory") }
    defer { archive_read_free(archive) }
    let context = Unmanaged.passUnretained(input).toOpaque()
    // No other format and no filter: those would read far more kinds of file, by far more code.
    guard archive_read_support_format_tar(archive) == ARCHIVE_OK,
        archive_read_open2(archive, context, nil, readPiece, skipBytes, nil) == ARCHIVE_OK
    else { throw input.error ?? TarError(.open, archive) }
    var found: [TarIndex.Member] = []
    var header: Header?
    while true {
        var entry: OpaquePointer?
        let answer = archive_read_next_header(archive, &entry)
        let isWarning = answer == ARCHIVE_WARN && isAboutCharacters(archive)
        guard answer == ARCHIVE_OK || answer == ARCHIVE_EOF || isWarning else {
            throw input.error ?? TarError(.readHeader, archive)
        }
        let start = archive_read_header_position(archive)
        if let header { found.append(try place(header, before: start, in: input)) }
        guard answer != ARCHIVE_EOF, let entry else {
            try input.checkEnd(from: archive_filter_bytes(archive, -1))
            return found
        }
        guard found.count < limit else {
            throw TarError(.readHeader, reason: "there are more than \(limit) members")
        }
        header = try describe(entry, at: start)
    }
}

private func describe(_ entry: OpaquePointer, at start: Int64) throws(TarError) -> Header {
    guard let name = archive_entry_pathname(entry) else {
        throw TarError(.readHeader, reason: "a member has no name that can be read")
    }
    let kind: TarIndex.Member.Kind
    if let target = archive_entry_hardlink(entry) {
        kind = .hardLink(target: bytes(target))
    } else if archive_entry_sparse_count(entry) > 0 {
        kind = .special
    } else {
        switch archive_entry_filetype(entry) {
        case archive_kind_regular: kind = .regular
        case archive_kind_directory: kind = .directory
        case archive_kind_symbolic_link:
            kind = .symbolicLink(target: archive_entry_symlink(entry).map(bytes) ?? [])
        default: kind = .special
        }
    }
    return Header(path: bytes(name), kind: kind, size: archive_entry_size(entry), start: start)
}

/// Content ends, padded to whole blocks, where the next header begins.
private func place(_ header: Header, before end: Int64, in input: Input) throws -> TarIndex.Member {
    guard header.kind == .regular else {
        return TarIndex.Member(path: header.path, kind: header.kind, content: 0..<0)
    }
    let (sum, isOver) = header.size.addingReportingOverflow(511)
    let padded = sum / 512 * 512
    guard !isOver, header.size >= 0, end - padded >= header.start + 512, end <= input.size else {
        throw TarError(.readHeader, reason: "a member's size does not fit its place")
    }
    let start = end - padded
    // What libarchive does not know it takes for a file, and other readers for something else.
    let type = try input.byte(at: start - 512 + 156)
    guard [0, UInt8(ascii: "0"), UInt8(ascii: "7")].contains(type) else {
        throw TarError(.readHeader, reason: "a member has the unknown type \(type)")
    }
    return TarIndex.Member(path: header.path, kind: .regular, content: start..<(start + header.size))
}

private func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
    var count = 0
    while text[count] != 0 { count += 1 }
    return Array(UnsafeRawBufferPointer(start: text, count: count))
}

/// The archive as libarchive reads it, across the C callbacks.
private final class Input {
    let size: Int64
    private let read: (Int64, Int, inout [UInt8]) throws -> Int
    // Headers stand far apart: a larger piece would be content that nobody wants.
    private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
    private var position: Int64 = 0
    private(set) var error: (any Error)?

    init(size: Int64, read: @escaping (Int64, Int, inout [UInt8]) throws -> Int) {
        (self.size, self.read) = (size, read)
    }

    deinit { piece.deallocate() }

    func byte(at offset: Int64) throws -> UInt8 {
        var buffer: [UInt8] = []
        guard try read(offset, 1, &buffer) == 1 else {
            throw TarError(.readHeader, reason: "the archive became shorter")
        }
        return buffer[0]
    }

    /// Throws where anything but zeros lies behind the end: a reader that goes on there sees another archive.
    func checkEnd(from offset: Int64) throws {
        var offset = max(offset, 0)
        while offset < size {
            var buffer: [UInt8] = []
            let count = try read(offset, Int(min(1 << 16, size - offset)), &buffer)
            guard count > 0 else { return }
            guard buffer.allSatisfy({ $0 == 0 }) else {
                throw TarError(.readHeader, reason: "there is more behind the archive's end")
            }
            offset += Int64(count)
        }
    }

    /// Bytes that were read, 0 at the end, -1 where reading failed.
    func next() -> (memory: UnsafeRawPointer?, count: Int) {
        do {
            var buffer: [UInt8] = []
            let wanted = Int(min(Int64(piece.count), size - position))
            let count = wanted > 0 ? try read(position, wanted, &buffer) : 0
            piece.copyBytes(from: buffer.prefix(count))
            position += Int64(count)
            return (UnsafeRawPointer(piece.baseAddress), count)
        } catch {
            self.error = error
            return (nil, -1)
        }
    }

    func skip(_ count: Int64) -> Int64 {
        let taken = max(0, min(count, size - position))
        position += taken
        return taken
    }
}

private func readPiece(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ memory: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
    guard let context, let memory else { return -1 }
    let (start, count) = Unmanaged<Input>.fromOpaque(context).takeUnretainedValue().next()
    memory.pointee = start
    return count
}

private func skipBytes(_: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ count: Int64) -> Int64 {
    guard let context else { return 0 }
    return Unmanaged<Input>.fromOpaque(context).takeUnretainedValue().skip(count)
}

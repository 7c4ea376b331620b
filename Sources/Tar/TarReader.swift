import CArchive

/// Reads one tar stream, member by member: ustar, pax, GNU, star and old V7.
///
/// The bytes come from a closure, chunk by chunk, and content is given away as
/// it lies in the chunk. Libarchive runs in the locale "C", where names stay
/// bytes: in any other one it would normalise them.
///
/// What libarchive only warns of is an error here, as is a skipped header: a
/// reader that guesses on sees other files than its neighbour does.
///
/// Source: POSIX.1-2017, "pax Interchange Format"; archive_read(3).
public struct TarReader: ~Copyable {
    private let archive: OpaquePointer
    private let input: ChunkInput
    private var isOpen = false
    private var path: [UInt8] = []
    /// Bytes of content that the last member still has, unless it is sparse.
    private var remaining: Int64 = 0
    private var hasContent = false
    /// The stream ended within the zeros that fill the last member's block.
    private var isCutAtEnd = false

    /// Begins a stream.
    ///
    /// - Parameter read: Gives the next bytes, and `nil` at the end.
    /// - Throws: ``TarError`` when libarchive has no memory.
    public init(read: @escaping () throws -> [UInt8]?) throws(TarError) {
        archive = try newReader { archive in
            archive_read_support_format_tar(archive) == ARCHIVE_OK
                && archive_read_support_format_empty(archive) == ARCHIVE_OK
        }
        input = ChunkInput(read)
    }

    deinit { archive_read_free(archive) }

    /// The next member; what was left of the last one's content is skipped.
    ///
    /// - Returns: `nil` at the end of the archive. Bytes may follow it in the stream: the caller looks at them.
    /// - Throws: ``TarError``, and what `read` throws.
    public mutating func next() throws -> TarEntry? {
        if !isOpen {
            isOpen = true
            let context = Unmanaged.passUnretained(input).toOpaque()
            try check(archive_read_open2(archive, context, nil, giveChunk, nil, nil), .readHeader)
        }
        if hasContent { try content { _, _ in } }
        if isCutAtEnd { return nil }
        var found: OpaquePointer?
        let code = archive_read_next_header(archive, &found)
        if code == ARCHIVE_EOF, input.error == nil { return nil }
        if code != ARCHIVE_WARN || !isAboutCharacters(archive) { try check(code, .readHeader) }
        guard let found else { throw TarError(.readHeader, reason: "libarchive gave no entry") }
        let entry = try TarEntry(found)
        if case .regular = entry.kind, archive_entry_sparse_count(found) == 0 { try checkType(of: entry) }
        path = entry.path
        remaining = if case .regular(let size) = entry.kind { size } else { 0 }
        hasContent = true
        return entry
    }

    /// Where in the stream the header lies that ``next()`` read last, with the extended headers before it.
    ///
    /// Once ``next()`` gave `nil`, its beginning is where the last member ended.
    public var header: Range<Int64> {
        let start = max(archive_read_header_position(archive), 0)
        return start..<max(archive_filter_bytes(archive, -1), start)
    }

    /// Gives the content of the member that ``next()`` returned, stretch by stretch in rising order.
    ///
    /// What lies between two stretches, or behind the last one, is a hole.
    ///
    /// An archive may end with its last member's content: umoci leaves the zeros out that fill the last block, and Go's
    /// reader does not miss them.
    ///
    /// - Throws: ``TarError``, and what `read` and `body` throw.
    public mutating func content(_ body: (_ offset: Int64, Span<UInt8>) throws -> Void) throws {
        hasContent = false
        var end: Int64 = 0
        let size = remaining
        while true {
            var start: UnsafeRawPointer?
            var count = 0
            var offset: Int64 = 0
            let code = archive_read_data_block(archive, &start, &count, &offset)
            if code == ARCHIVE_EOF, input.error == nil { return }
            if code == ARCHIVE_FATAL, remaining == 0, input.isAtEnd, input.error == nil {
                isCutAtEnd = true
                return
            }
            try check(code, .readContent)
            remaining -= Int64(count)
            // Libarchive may give more than it announced, and others would take that for the next header.
            let isInside = offset >= end && offset <= size && Int64(count) <= size - offset
            end = offset + Int64(count)
            guard remaining >= 0, isInside else {
                throw TarError(
                    .readContent,
                    reason:
                        "\(String(decoding: path, as: UTF8.self)): its content is not where its header says")
            }
            let memory = UnsafeRawBufferPointer(start: start, count: count).bindMemory(to: UInt8.self)
            try body(offset, memory.span)
        }
    }

    /// Reads the source to its end: behind the archive only zeros may come.
    ///
    /// A reader that stops at the end mark and one that does not would see two different archives.
    ///
    /// - Throws: ``TarError``, and what `read` throws.
    public mutating func finish() throws {
        guard isOpen, try input.hasOnlyZeros(from: archive_filter_bytes(archive, -1)) else {
            throw TarError(.readHeader, reason: "there is more behind the archive's end")
        }
    }

    /// Throws for a type that libarchive does not know: it takes that for a file, and others for something else.
    private func checkType(of entry: TarEntry) throws(TarError) {
        guard let type = input.byte(at: header.upperBound - 512 + 156),
            [0, UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "S")].contains(type)
        else {
            let name = String(decoding: entry.path, as: UTF8.self)
            throw TarError(.readHeader, reason: "\(name): a kind of member that no layer has")
        }
    }

    private func check(_ code: Int32, _ operation: TarError.Operation) throws {
        if let error = input.error { throw error }
        guard code == ARCHIVE_OK else { throw TarError(operation, archive, after: path) }
    }
}

/// Whether libarchive only says that a name has no equal in ASCII, and left its bytes as they are.
func isAboutCharacters(_ archive: OpaquePointer) -> Bool {
    guard let words = archive_error_string(archive) else { return false }
    return String(cString: words).hasSuffix("can't be converted from UTF-8 to current locale.")
}

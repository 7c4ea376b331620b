import CArchive

/// Opens what bzip2 or xz compressed, by libarchive's own filters.
///
/// One filter and no other: what comes out is never taken for compressed once
/// more. Both formats have checksums, which are verified. Bytes behind the end
/// are an error: one reader would take them for nothing, another for more.
///
/// Source: archive_read_filter(3); the .xz file format 1.2.0.
public struct FilteredStream: ~Copyable {
    /// How the stream is compressed.
    public enum Filter: Sendable {
        case bzip2, xz
    }

    private let archive: OpaquePointer
    private let input: ChunkInput
    private var isOpen = false
    private var isAtEnd = false

    /// Begins a stream.
    ///
    /// - Parameters:
    ///   - filter: How it is compressed.
    ///   - read: Gives the next bytes, and `nil` at the end.
    /// - Throws: ``TarError`` when libarchive has no memory, or was built without the filter.
    public init(_ filter: Filter, read: @escaping () throws -> [UInt8]?) throws(TarError) {
        let code =
            switch filter {
            case .bzip2: ARCHIVE_FILTER_BZIP2
            case .xz: ARCHIVE_FILTER_XZ
            }
        // A warning means that another program would do it.
        archive = try newReader { archive in
            archive_read_support_format_raw(archive) == ARCHIVE_OK
                && archive_read_append_filter(archive, code) == ARCHIVE_OK
        }
        input = ChunkInput(read)
    }

    deinit { archive_read_free(archive) }

    /// The next bytes that come out, never none.
    ///
    /// - Throws: ``TarError`` for what is no such stream, or ends early, or goes on behind its end; and what `read`
    ///   throws.
    /// - Returns: `nil` at the end.
    public mutating func next() throws -> [UInt8]? {
        if isAtEnd { return nil }
        if !isOpen { try open() }
        var start: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        let code = archive_read_data_block(archive, &start, &count, &offset)
        if code == ARCHIVE_EOF, input.error == nil { return try end() }
        try check(code)
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    private mutating func open() throws {
        isOpen = true
        let context = Unmanaged.passUnretained(input).toOpaque()
        try check(archive_read_open2(archive, context, nil, giveChunk, nil, nil))
        var entry: OpaquePointer?
        try check(archive_read_next_header(archive, &entry))
    }

    private mutating func end() throws -> [UInt8]? {
        isAtEnd = true
        guard try input.isOver(at: archive_filter_bytes(archive, -1)) else {
            throw TarError(.decompress, reason: "there is more behind the end")
        }
        return nil
    }

    private func check(_ code: Int32) throws {
        if let error = input.error { throw error }
        guard code == ARCHIVE_OK else { throw TarError(.decompress, archive) }
    }
}

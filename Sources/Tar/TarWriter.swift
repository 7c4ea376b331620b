import CArchive

/// Writes one pax tar stream, member by member.
///
/// Names are bytes and stay as they are in every locale. The caller takes the
/// bytes out with ``take(reserving:)``, when and as often as it wants.
///
/// Two archives of libarchive write into one stream, member by member: one for
/// names in ASCII, and one with the option `hdrcharset=BINARY` for all others.
/// That option costs 1 KiB on each member, also on those that do not need it.
///
/// Source: POSIX.1-2017, "pax Interchange Format"; archive_write(3).
public struct TarWriter: ~Copyable {
    private let ascii: OpaquePointer
    private let binary: OpaquePointer
    private let entry: OpaquePointer
    private let output = Output()
    /// The archive that writes the member which was begun.
    private var archive: OpaquePointer

    /// Begins a stream.
    ///
    /// - Throws: ``TarError`` when libarchive has no memory or lacks an option.
    public init() throws(TarError) {
        let ascii = try openArchive(options: "xattrheader=SCHILY", output)
        let binary: OpaquePointer
        do {
            binary = try openArchive(options: "xattrheader=SCHILY,hdrcharset=BINARY", output)
        } catch {
            discard(ascii)
            throw error
        }
        guard let entry = archive_entry_new() else {
            discard(ascii)
            discard(binary)
            throw TarError(.open, reason: "out of memory")
        }
        (self.ascii, self.binary, self.entry, archive) = (ascii, binary, entry, ascii)
    }

    deinit {
        archive_entry_free(entry)
        discard(ascii)
        discard(binary)
    }

    /// Starts a member; a regular file's content follows through ``write(_:)``.
    ///
    /// - Throws: ``TarError`` with libarchive's words, also for what it would only warn of.
    public mutating func begin(_ member: TarEntry) throws(TarError) {
        if let attribute = member.firstUnspeakableAttribute {
            throw TarError(
                .writeHeader,
                reason: "no tar reader gives the extended attribute \(attribute) back under its name")
        }
        // The other archive knows nothing of this one's padding.
        try endMember()
        archive = member.hasASCIINames ? ascii : binary
        archive_entry_clear(entry)
        withTerminated(member.path) { archive_entry_set_pathname(entry, $0) }
        archive_entry_set_perm(entry, member.permissions)
        archive_entry_set_uid(entry, Int64(member.user))
        archive_entry_set_gid(entry, Int64(member.group))
        archive_entry_set_mtime(entry, time_t(member.modified), 0)
        setKind(member.kind)
        // The list is written from its other end.
        for attribute in member.attributes.reversed() {
            withTerminated(attribute.name) { name in
                attribute.value.withUnsafeBytes {
                    archive_entry_xattr_add_entry(entry, name, $0.baseAddress, $0.count)
                }
            }
        }
        guard archive_write_header(archive, entry) == ARCHIVE_OK else {
            throw TarError(.writeHeader, archive)
        }
    }

    private func setKind(_ kind: TarEntry.Kind) {
        archive_entry_set_size(entry, 0)
        switch kind {
        case .regular(let size):
            archive_entry_set_filetype(entry, archive_kind_regular)
            archive_entry_set_size(entry, size)
        case .directory: archive_entry_set_filetype(entry, archive_kind_directory)
        case .symbolicLink(let target):
            archive_entry_set_filetype(entry, archive_kind_symbolic_link)
            withTerminated(target) { archive_entry_set_symlink(entry, $0) }
        case .hardLink(let target):
            archive_entry_set_filetype(entry, archive_kind_regular)
            withTerminated(target) { archive_entry_set_hardlink(entry, $0) }
        case .fifo: archive_entry_set_filetype(entry, archive_kind_fifo)
        case .characterDevice(let major, let minor):
            archive_entry_set_filetype(entry, archive_kind_character_device)
            setDevice(major, minor)
        case .blockDevice(let major, let minor):
            archive_entry_set_filetype(entry, archive_kind_block_device)
            setDevice(major, minor)
        }
    }

    private func setDevice(_ major: UInt32, _ minor: UInt32) {
        archive_entry_set_rdevmajor(entry, dev_t(major))
        archive_entry_set_rdevminor(entry, dev_t(minor))
    }

    /// Writes content of the member that was begun.
    ///
    /// More bytes than its header announced are an error. Fewer are not: libarchive pads the member with zeros
    /// and says nothing, so the caller counts.
    public mutating func write(_ bytes: Span<UInt8>) throws(TarError) {
        let taken = bytes.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
        try check(taken, of: bytes.count)
    }

    /// Lets `read` append content of the member to the stream itself, so that it is copied once less.
    ///
    /// - Returns: The number of bytes that were appended.
    /// - Throws: What `read` throws, and ``TarError``.
    public mutating func write(reading read: (inout [UInt8]) throws -> Int) throws -> Int {
        let start = output.bytes.count
        let count = try read(&output.bytes)
        output.isCounting = true
        defer { output.isCounting = false }
        let taken = output.bytes.withUnsafeBytes { bytes in
            archive_write_data(archive, bytes.baseAddress?.advanced(by: start), count)
        }
        try check(taken, of: count)
        return count
    }

    private func check(_ taken: Int, of count: Int) throws(TarError) {
        guard taken != count else { return }
        throw taken < 0
            ? TarError(.writeContent, archive)
            : TarError(.writeContent, reason: "\(count) bytes, and the header left room for \(taken)")
    }

    /// Ends the member: pads it to a whole block.
    public mutating func endMember() throws(TarError) {
        guard archive_write_finish_entry(archive) == ARCHIVE_OK else {
            throw TarError(.writeContent, archive)
        }
    }

    /// Writes the two blocks that end an archive.
    public mutating func finish() throws(TarError) {
        guard archive_write_close(ascii) == ARCHIVE_OK else { throw TarError(.close, ascii) }
    }

    /// The bytes of the stream that were not taken yet.
    public var pendingCount: Int { output.bytes.count }

    /// Takes the pending bytes out, and leaves room for about as many to come.
    public mutating func take(reserving capacity: Int) -> [UInt8] {
        var taken: [UInt8] = []
        taken.reserveCapacity(capacity)
        swap(&taken, &output.bytes)
        return taken
    }

    /// The version of libarchive, as it says itself: `3.6.2`.
    public static var libraryVersion: String {
        let version = archive_version_number()
        return "\(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
    }

}

// xattrheader: libarchive else writes each attribute twice. Bytes per block 0: it else pads the end to 10 240.
private func openArchive(options: String, _ output: Output) throws(TarError) -> OpaquePointer {
    guard let archive = archive_write_new() else { throw TarError(.open, reason: "out of memory") }
    let context = Unmanaged.passUnretained(output).toOpaque()
    guard archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK,
        archive_write_set_options(archive, options) == ARCHIVE_OK,
        archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK,
        archive_write_open2(archive, context, nil, appendPending, nil, nil) == ARCHIVE_OK
    else {
        let error = TarError(.open, archive)
        discard(archive)
        throw error
    }
    return archive
}

private func discard(_ archive: OpaquePointer) {
    // Free alone would end the archive, and write two more blocks.
    archive_write_fail(archive)
    archive_write_free(archive)
}

/// What libarchive has written, across the C callback.
private final class Output {
    var bytes: [UInt8] = []
    /// Whether what comes is in ``bytes`` already, and libarchive only counts it.
    var isCounting = false
}

private func appendPending(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ bytes: UnsafeRawPointer?, _ count: Int
) -> Int {
    guard let context else { return -1 }
    let output = Unmanaged<Output>.fromOpaque(context).takeUnretainedValue()
    guard !output.isCounting else { return count }
    output.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
    return count
}

private func withTerminated(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>?) -> Void) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count + 1) { memory in
        let end = memory.initialize(fromContentsOf: bytes)
        memory.initializeElement(at: end, to: 0)
        memory.withMemoryRebound(to: CChar.self) { body($0.baseAddress) }
    }
}
